import { basename, join } from 'node:path';
import type { Writable } from 'node:stream';
import type { ReleaseTag } from '#contracts/releases';
import { livingPid, pidFiles } from '../start/processes.ts';
import { nameOfRelease, readRunning, writeRunning } from '../start/running.ts';
import { until } from '../until.ts';

/** Whoever runs the processes: `npm start`, or somebody who starts and stops them by hand. */
export class Launcher {
  private readonly dir: string;

  constructor(env: NodeJS.ProcessEnv) {
    this.dir = env.STREAMSIDE_DIR || '.streamside';
  }

  private get isHere(): boolean {
    return livingPid(join(this.dir, 'launcher.pid')) !== null;
  }

  /** Has the processes of the release started. */
  async run({ application, release }: ReleaseTag, out: Writable): Promise<void> {
    if (!this.isHere) {
      out.write(
        `No npm start runs in ${this.dir}: waiting for processes of ${application} with RELEASE=${release} ` +
          '(docs/versions.md: Compose, Kubernetes).\n',
      );
      return;
    }
    const running = readRunning(this.dir);
    if (running[application].includes(release)) return;
    writeRunning(this.dir, { ...running, [application]: [...running[application], release] });
  }

  /** Has them stopped. */
  async stop({ application, release }: ReleaseTag): Promise<void> {
    if (!this.isHere) return;
    const running = readRunning(this.dir);
    const rest = running[application].filter((each) => each !== release);
    writeRunning(this.dir, { ...running, [application]: rest });
    const name = nameOfRelease({ application, release });
    const isReplica = (file: string) => basename(file).replace(/-\d+\.pid$/, '') === name;
    const hasStopped = async () =>
      pidFiles(this.dir)
        .filter(isReplica)
        .every((file) => livingPid(file) === null);
    const orElse = () => `${name} does not stop: see the terminal of npm start.`;
    await until(hasStopped, { limitMs: LIMIT_MS, everyMs: 100, orElse });
  }
}

const LIMIT_MS = 30_000;
