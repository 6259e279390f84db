import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { giveWay, isClose } from './background.ts';
import { LogFile, worthSaying } from './log-file.ts';
import { freePort } from './ports.ts';
import { stopPid, writePid } from './processes.ts';

export interface ServiceCommand {
  /** `feedback-1`, and `feedback-2` for the second of it. */
  instance: string;
  script: string;
  /** null: any free one, chosen anew at each start. */
  port: number | null;
  env: NodeJS.ProcessEnv;
  pidFile: string;
  logFile: string;
  /** It has all of the log to read first: meanwhile it gives way to the others. */
  catchesUp?: boolean;
  /** Tells the person at the terminal. */
  say(line: string): void;
}

/**
 * Less memory than Node's defaults. Half of this cost a service that is busy a third of its time,
 * for the collector of garbage.
 */
export const nodeFlags = [
  '--max-old-space-size=128',
  '--max-semi-space-size=8',
  '--enable-source-maps',
];
const readyMs = 180_000;
/** A service that lived for this long starts again at once when it ends. */
const steadyMs = 60_000;
/** Ends before it was ever ready, until we give up on it. */
const mostFailures = 3;
/** Lines of one service a second on the terminal; all of them are in the log. */
const mostLines = 3;

/** How often to look whether it has caught up. */
const lookEveryMs = 500;

/** How long to wait before a start that follows so many ends in a row. */
export function backOffMs(ends: number): number {
  return Math.min(500 * 2 ** (ends - 1), 15_000);
}

/** One process of a service: started, restarted when it ends, stopped. */
export class ServiceProcess {
  port = 0;
  private child: ChildProcess | undefined;
  private stopping = false;
  private pendingStart: NodeJS.Timeout | undefined;
  private endsInARow = 0;
  private wasReady = false;
  private lastLine = '';
  private said = { second: 0, lines: 0 };
  private givesWay: boolean;

  constructor(private readonly command: ServiceCommand) {
    this.givesWay = command.catchesUp ?? false;
  }

  /** Starts it. Resolves when it is ready; throws a sentence if it cannot be. */
  async start(): Promise<void> {
    this.stopping = false;
    await this.spawn();
    const deadline = Date.now() + readyMs;
    while (!(await this.isReady())) {
      const { instance, logFile } = this.command;
      if (this.stopping) throw new Error(`${instance} was stopped while it started.`);
      if (this.endsInARow >= mostFailures) {
        const words = this.lastLine ? ` ("${this.lastLine.slice(0, 300)}")` : '';
        throw new Error(`${instance} does not start${words}: its log is ${logFile}.`);
      }
      if (Date.now() > deadline) {
        throw new Error(
          `${instance} is not ready after ${readyMs / 1000} s: its log is ${logFile}.`,
        );
      }
      await pause(60);
    }
    this.wasReady = true;
    if (this.givesWay) void this.catchUp();
  }

  /** Topics that it derives grow while it reads: twice in a row is caught up. */
  private async catchUp(): Promise<void> {
    for (let times = 0; times < 2; await pause(lookEveryMs)) {
      if (this.stopping) return;
      // What started again is at its start.
      if (await this.isReady()) giveWay(this.child!.pid!, 'catchesUp');
      times = (await isClose(this.port)) ? times + 1 : 0;
    }
    this.givesWay = false;
    for (let tries = 0; tries < 5 && !giveWay(this.child!.pid!, 'normal'); tries += 1) {
      await pause(lookEveryMs);
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.pendingStart);
    await stopPid(this.command.pidFile, { patienceMs: 5_000 });
  }

  private async spawn(): Promise<void> {
    const { script, env, pidFile, logFile, instance } = this.command;
    this.port = this.command.port ?? (await freePort());
    const began = Date.now();
    const child = spawn(process.execPath, [...nodeFlags, script], {
      // Its own group, so that Ctrl-C reaches the launcher alone, which knows the order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, PORT: `${this.port}`, SERVICE_INSTANCE: instance },
    });
    this.child = child;
    if (child.pid) writePid(pidFile, child.pid);
    if (child.pid && this.givesWay) giveWay(child.pid, 'starts');
    const log = new LogFile(logFile);
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk: Buffer) => log.append(chunk));
      createInterface({ input: stream }).on('line', (line) => this.hear(line));
    }
    child.once('exit', (code, signal) => {
      if (this.child === child && !this.stopping) this.startAgain(signal ?? `exit ${code}`, began);
    });
  }

  private hear(line: string): void {
    const words = worthSaying(line);
    if (words === null || this.stopping) return;
    this.lastLine = words;
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.said.second) this.said = { second, lines: 0 };
    this.said.lines += 1;
    if (this.said.lines > mostLines) return;
    this.command.say(`${this.command.instance}: ${words.slice(0, 200)}`);
  }

  private startAgain(exit: string, began: number): void {
    this.endsInARow = Date.now() - began > steadyMs ? 1 : this.endsInARow + 1;
    if (!this.wasReady && this.endsInARow >= mostFailures) return; // start() says why.
    const waitMs = backOffMs(this.endsInARow);
    const { instance, say } = this.command;
    say(`${instance} ended (${exit}); it starts again in ${waitMs / 1000} s`);
    this.pendingStart = setTimeout(() => void this.spawnAgain(), waitMs);
  }

  private async spawnAgain(): Promise<void> {
    if (this.stopping) return;
    const began = Date.now();
    await this.spawn();
    const { child } = this;
    if (!this.wasReady) return;
    while (this.child === child && child?.exitCode === null && !this.stopping) {
      if (await this.isReady()) {
        const seconds = ((Date.now() - began) / 1000).toFixed(1);
        return this.command.say(`${this.command.instance} is ready again after ${seconds} s`);
      }
      await pause(100);
    }
  }

  async isReady(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.port}/readyz`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    await answer?.body?.cancel();
    return answer?.status === 200;
  }
}
