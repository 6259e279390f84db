import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PastRecord } from '#log/import';
import type { Answered, Told } from './import-worker.ts';
import type { Target } from './write-history.ts';

/** Stretches of time that may be on their way before the next has to wait. */
const MOST_WAITING = 3;

interface Waiting {
  done(): void;
  failed(error: Error): void;
}

/** The worker that puts records on the log, one thing after the other. */
export class Importer {
  /** Events on the log so far, with those that followed. */
  events = 0;
  cluster = '';
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  readonly #sending: Promise<void>[] = [];

  constructor(target: Target) {
    const script = resolve('dist', 'tools', 'history', 'import-worker.js');
    this.#worker = new Worker(script, {
      workerData: target,
      resourceLimits: { maxYoungGenerationSizeMb: 128 },
    });
    this.#worker.on('message', (answer: Answered) => this.#hear(answer));
    this.#worker.on('error', (error: Error) => {
      for (const { failed } of this.#waiting.splice(0)) failed(error);
    });
  }

  /** Throws a sentence when the log holds events already. */
  open(): Promise<void> {
    return this.#tell('open');
  }

  /** Resolves when there is room for more. Throws what became of earlier ones, too. */
  async send(records: PastRecord[]): Promise<void> {
    const sending = this.#tell({ records });
    sending.catch(() => undefined); // Thrown when it is waited for.
    this.#sending.push(sending);
    if (this.#sending.length > MOST_WAITING) await this.#sending.shift();
  }

  /** When all is durable: gives the log its own time back, and sets what followed in its databases. */
  async close(): Promise<void> {
    await Promise.all(this.#sending);
    await this.#tell('close');
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(told: Told): Promise<void> {
    this.#worker.postMessage(told);
    return new Promise((done, failed) => this.#waiting.push({ done, failed }));
  }

  #hear(answer: Answered): void {
    const { done, failed } = this.#waiting.shift()!;
    if ('failed' in answer) return failed(new Error(answer.failed));
    this.events = answer.events;
    this.cluster = answer.cluster;
    done();
  }
}
