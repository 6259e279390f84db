import { appendFile, open } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { CONFIG } from '#service/config';
import type { Config } from './config.ts';
import type { Truth } from './mind.ts';

/** What a visit was in truth, and where to find it on the log. */
export interface VisitTruth extends Truth {
  /** Subject of its events on `visitors`. */
  readonly visitorId: string;
  /** ms since 1970. */
  readonly from: number;
  readonly until: number;
  readonly outcome: string;
}

/**
 * Writes aside what shoppers had in mind, one JSON object a line, for whoever wants to check a model
 * against it. Without a file it keeps nothing.
 */
@Injectable()
export class TruthFile implements OnModuleInit, BeforeApplicationShutdown {
  readonly #path: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(@Inject(CONFIG) config: Config) {
    this.#path = config.TRUTH_FILE;
  }

  /** Throws a sentence when the file cannot be written. */
  async onModuleInit(): Promise<void> {
    if (!this.#path) return;
    try {
      await (await open(this.#path, 'a')).close();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new Error(
        `TRUTH_FILE (npm start -- --truth FILE) cannot be written (${code}): name a file in a folder that is there.`,
      );
    }
  }

  /** Resolves when it is in the file. */
  async write(truth: VisitTruth): Promise<void> {
    if (!this.#path) return;
    const path = this.#path;
    this.#writing = this.#writing.then(() => appendFile(path, `${JSON.stringify(truth)}\n`));
    await this.#writing;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#writing;
  }
}
