import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Measures } from './serve.ts';

/** One side of a comparison, in a process of its own: neither disturbs the other's heap. */
export class Side {
  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts `bench/sides/<name>.ts`; resolves when it is ready for its first round. */
  static async start(
    name: string,
    settings: object,
    { nodeFlags = [] as readonly string[] } = {},
  ): Promise<Side> {
    const script = `dist/bench/sides/${name}.js`;
    const child = fork(script, {
      execArgv: ['--no-warnings', '--enable-source-maps', ...profiling(name), ...nodeFlags],
      env: { ...process.env, NODE_ENV: 'production', BENCH_SIDE: JSON.stringify(settings) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const side = new Side(name, child);
    await side.answer();
    return side;
  }

  /** One round. What `argument` means is the side's own affair. */
  async round(argument: object = {}): Promise<Measures> {
    const answer = this.answer();
    this.child.send(argument);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect(); // Then it ends; killed, it would leave no profile.
    await exited;
  }

  private answer(): Promise<Measures> {
    const { child, name } = this;
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`The side ${name} ended, for the reason above.`));
      child.once('exit', ended);
      child.once('message', ({ measures, error }: { measures?: Measures; error?: string }) => {
        child.off('exit', ended);
        if (error === undefined) resolve(measures ?? {});
        else reject(new Error(`The side ${name} failed: ${error}`));
      });
    });
  }
}

/** `--profile` puts a CPU profile of each side there, for the developer tools of a browser. */
export const PROFILES = 'dist/profiles';

function profiling(name: string): string[] {
  if (!process.env.BENCH_PROFILE) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, `--cpu-prof-name=${name}.cpuprofile`];
}

export type StartSide = typeof Side.start;

/** Runs `work`, which starts sides; they all end with it. */
export async function withSides<T>(work: (start: StartSide) => Promise<T>): Promise<T> {
  const started: Side[] = [];
  const start: StartSide = async (...about) => {
    const side = await Side.start(...about);
    started.push(side);
    return side;
  };
  try {
    return await work(start);
  } finally {
    await Promise.all(started.map((side) => side.stop()));
  }
}
