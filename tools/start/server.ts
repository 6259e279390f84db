import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stopPid, writePid } from './processes.ts';

/** A server that is not ours (the broker, the database), as one child process. */
export interface ServerCommand {
  name: string;
  file: string;
  args: string[];
  pidFile: string;
  logFile: string;
  /** What it logs once it takes requests. */
  readyWhen: RegExp;
  stopSignal: NodeJS.Signals;
  env?: NodeJS.ProcessEnv;
  user?: { uid: number; gid: number };
}

export interface Server {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** A clean stop; after 4 s the hard one. */
  stop(): Promise<void>;
  /** As a power cut would do it. */
  kill(): Promise<void>;
}

const readyMs = 180_000;
const logLimitBytes = 10_000_000;

/** Starts it and waits until it takes requests. Throws with its own last words if it ends. */
export async function startServer(command: ServerCommand): Promise<Server> {
  const { name, pidFile, logFile, stopSignal } = command;
  const log = openLog(logFile);
  const child = spawn(command.file, command.args, {
    // Its own group, so that Ctrl-C reaches the launcher alone, which knows the order.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, ...command.env },
    ...command.user,
  });
  closeSync(log.fd);
  let exit: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => resolve(void (exit = error.message)));
    child.once('exit', (code, signal) => resolve(void (exit = signal ?? `exit ${code}`)));
  });
  if (child.pid) writePid(pidFile, child.pid);
  const deadline = Date.now() + readyMs;
  const news = () => readFileSync(logFile).subarray(log.from).toString();
  while (!command.readyWhen.test(news())) {
    if (exit !== undefined) throw new Error(lastWords(name, exit, news(), logFile));
    if (Date.now() > deadline) {
      await stopPid(pidFile);
      throw new Error(`${name} is not ready after ${readyMs / 1000} s: its log is ${logFile}.`);
    }
    await Promise.race([ended, pause(40)]);
  }
  return {
    pid: child.pid!,
    ended,
    stop: () => stopPid(pidFile, { signal: stopSignal }),
    kill: () => stopPid(pidFile, { signal: 'SIGKILL' }),
  };
}

function openLog(file: string): { fd: number; from: number } {
  mkdirSync(dirname(file), { recursive: true });
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > logLimitBytes) renameSync(file, `${file}.1`);
  return { fd: openSync(file, 'a'), from: bytes > logLimitBytes ? 0 : bytes };
}

/** One sentence from the log of a server that would not start. */
export function lastWords(name: string, exit: string, log: string, file: string): string {
  if (/No space left on device/.test(log)) {
    return `The disk is full, so ${name} cannot start: free some space and start again.`;
  }
  const lines = log.split('\n').filter((line) => /ERROR|FATAL|Exception|rror:/.test(line));
  const said = lines[0]?.trim().slice(0, 300);
  return `${name} ended while starting (${exit})${said ? `, saying "${said}"` : ''}: see ${file}.`;
}
