import type { DataSource } from 'typeorm';
import { firstPlacement, isInForce, runs } from '#contracts/releases';
import type { Application, Placement, Placements, ReleaseTag } from '#contracts/releases';
import type { LogSink } from './log-sink.ts';
import { KnownReleases } from './released.ts';

/** How often to look which releases there are, ms. */
const LOOK_EVERY_MS = 500;

/** What reads topics of a release of another service. */
export interface Follower {
  readonly release: ReleaseTag;
  /** Read it only while somebody is on it: what it says while it catches up is of the past. */
  readonly whileInForce?: boolean;
  /** Begins to read. Rejects when the topics are not there. */
  open(): Promise<Followed>;
}

export interface Followed {
  close(): Promise<void>;
  /** Drops what was made of it: should the release run again, its topics begin anew. */
  forget(): Promise<void>;
}

/**
 * Reads the topics of other services' releases while they run, and lets go of them when they are
 * retired. Which run is on the log, and so in the shared knowledge of whoever reads `visitors`.
 */
export class FollowReleases {
  private readonly open = new Map<Follower, Followed>();
  private readonly failing = new Map<Follower, string>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly followers: readonly Follower[],
    private readonly sink: LogSink,
  ) {}

  /** Resolves when everything that runs now is read. */
  async start(): Promise<void> {
    if (this.followers.length === 0) return;
    await this.look();
    this.timer = setInterval(() => {
      this.looking ??= this.look()
        .catch((error: Error) =>
          this.sink.warn(`Which releases run is not known: ${error.message}`),
        )
        .finally(() => (this.looking = undefined));
    }, LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.looking;
    await Promise.all([...this.open.values()].map((each) => each.close()));
  }

  private async look(): Promise<void> {
    const placements = await placementsIn(this.dataSource);
    for (const follower of this.followers) {
      if (this.stopped) return;
      const { application, release } = follower.release;
      const isNeeded = follower.whileInForce ? isInForce : runs;
      const isWanted = placements(application).some((each) => isNeeded(each, release));
      if (isWanted !== this.open.has(follower)) await this.change(follower, isWanted);
    }
  }

  private async change(follower: Follower, isWanted: boolean): Promise<void> {
    const { application, release } = follower.release;
    try {
      if (isWanted) this.open.set(follower, await follower.open());
      else await this.letGo(follower, this.open.get(follower)!);
      this.failing.delete(follower);
      this.sink.log(`${application} ${release} is ${isWanted ? 'read' : 'not read any more'}`);
    } catch (error) {
      const { message } = error as Error;
      if (this.failing.get(follower) === message) return;
      this.failing.set(follower, message);
      this.sink.warn(`${application} ${release} cannot be read yet: ${message}`);
    }
  }

  private async letGo(follower: Follower, followed: Followed): Promise<void> {
    await followed.close();
    await followed.forget();
    this.open.delete(follower);
  }
}

/** Who is on which release of an application, as far as any partition knows. */
async function placementsIn(
  dataSource: DataSource,
): Promise<(application: Application) => Placement[]> {
  const rows: { shared: string }[] = await dataSource.query(
    'select distinct shared from log_positions where shared is not null',
  );
  const known = rows.flatMap(
    ({ shared }) => KnownReleases.safeParse(JSON.parse(shared)).data ?? [],
  );
  return (application) => {
    const found = known.flatMap(({ placements }) => placements[application] ?? []);
    return found.length === 0 ? [firstPlacement(application)] : found;
  };
}

/** What a partition of `visitors` knows, as the group has read it. */
export async function placementsOf(
  dataSource: DataSource,
  place: { group: string; partition: number },
): Promise<Placements> {
  const [row]: { shared: string | null }[] = await dataSource.query(
    `select shared from log_positions
     where group_name = $1 and topic = 'visitors' and partition = $2`,
    [place.group, place.partition],
  );
  return row?.shared ? KnownReleases.parse(JSON.parse(row.shared)).placements : {};
}
