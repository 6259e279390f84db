/**
 * Virtual time and a scheduler: everything that waits is a task, and the choices decide which of the
 * possible ones is next. The same choices give the same history.
 */
export interface Task {
  /** The process it belongs to, and dies or freezes with; null: servers and the network. */
  owner: string | null;
  at: number;
  run(): void;
}

/** When a history begins, ms since 1970. */
export const START = Date.UTC(2026, 0, 1);
/** Tasks among which a choice is made: the oldest of those that can run. */
const WINDOW = 6;

export class Simulation {
  now = START;
  /** The process whose code runs, or ran last. */
  current: string | null = null;
  readonly frozen = new Set<string>();
  private readonly dead = new Set<string>();
  private tasks: Task[] = [];
  private taken = 0;

  constructor(private readonly choices: readonly number[]) {}

  /** Does it later, as the process that runs now. */
  later(run: () => void, inMs = 0): Task {
    return this.schedule(this.current, run, inMs);
  }

  schedule(owner: string | null, run: () => void, inMs = 0): Task {
    const task = { owner, at: this.now + inMs, run };
    if (owner === null || !this.dead.has(owner)) this.tasks.push(task);
    return task;
  }

  cancel(task: Task): void {
    this.tasks = this.tasks.filter((each) => each !== task);
  }

  /** The process ends where it is: nothing of it goes on. */
  kill(owner: string): void {
    this.frozen.delete(owner);
    this.dead.add(owner);
    this.tasks = this.tasks.filter((task) => task.owner !== owner);
  }

  /** A question to a server: asked and answered at one moment, some time later. */
  ask<T>(answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.later(() => {
        try {
          resolve(answer());
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** As {@link ask}, but a crash may come between the deed and its answer. */
  async order<T>(deed: () => T): Promise<T> {
    const done = await this.ask(deed);
    await this.ask(() => undefined);
    return done;
  }

  /** A small number that the history decides. */
  choose(below: number): number {
    const choice = this.choices[this.taken] ?? 0;
    this.taken += 1;
    return choice % below;
  }

  /** Runs one task that can run now; false when there is none. */
  async step(): Promise<boolean> {
    const possible: Task[] = [];
    for (const task of this.tasks) {
      if (task.at > this.now || this.isFrozen(task)) continue;
      possible.push(task);
      if (possible.length === WINDOW) break;
    }
    const task = possible[this.choose(possible.length || 1)];
    if (!task) return false;
    this.cancel(task);
    this.current = task.owner;
    task.run();
    await quiet();
    return true;
  }

  /** Lets the clock go on to the next task; false when that is after `until`, where it then is. */
  advance(until: number): boolean {
    let next = Infinity;
    for (const task of this.tasks) {
      if (!this.isFrozen(task)) next = Math.min(next, task.at);
    }
    this.now = Math.max(this.now, Math.min(next, until));
    return next <= until;
  }

  /** Code that waits for nothing but the scheduler runs on, as `owner`. */
  async as(owner: string, start: () => void): Promise<void> {
    this.current = owner;
    start();
    await quiet();
  }

  private isFrozen({ owner }: Task): boolean {
    return owner !== null && this.frozen.has(owner);
  }
}

const realImmediate = setImmediate;
/** All that can run without a task has run. */
function quiet(): Promise<void> {
  return new Promise((resolve) => realImmediate(resolve));
}

let simulation: Simulation | null = null;

/** Timers and the clock of the code under search are those of the simulation from here on. */
export function runIn(sim: Simulation): void {
  simulation = sim;
}

/** What `node:timers/promises` is during the search. */
export const simulatedPause = (ms: number) =>
  new Promise<void>((resolve) => simulation!.later(resolve, ms));

const real = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  now: Date.now,
  eventLoopUtilization: performance.eventLoopUtilization,
};

/** Puts virtual time in the place of the real one; returns how to undo it. */
export function fakeTime(): () => void {
  const timer = (run: () => void, ms: number, again: boolean) => {
    const sim = simulation!;
    const handle = { task: null as Task | null, unref: () => handle };
    const set = () => {
      handle.task = sim.later(() => {
        if (again) set();
        run();
      }, ms);
    };
    set();
    return handle;
  };
  const clear = (handle?: { task: Task | null }) => {
    if (handle?.task) simulation!.cancel(handle.task);
  };
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0) => timer(run, ms, false),
    setInterval: (run: () => void, ms = 0) => timer(run, ms, true),
    clearTimeout: clear,
    clearInterval: clear,
  });
  Date.now = () => simulation!.now;
  // Busy all the time: then the length of a rest follows from the history too.
  performance.eventLoopUtilization = (since) => {
    const active = simulation!.now - (since?.active ?? 0);
    return { active, idle: 0, utilization: 1 };
  };
  return () => {
    const { now, eventLoopUtilization, ...timers } = real;
    Object.assign(globalThis, timers);
    Object.assign(performance, { eventLoopUtilization });
    Date.now = now;
  };
}
