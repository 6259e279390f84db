import { Socket } from 'node:net';
import type { ClientConfig } from 'pg';
import { PreparingClient } from './prepared.ts';
import { endOnSilence } from './silence.ts';

/** The server itself ends a transaction before: who is silent for longer is gone. */
const SILENCE_MS = 8_000;

const COMMITS = '/* and commit */';

/**
 * Marks a statement as the last of its transaction: the commit goes with it, unasked. When its answer
 * is lost, the transaction may have been committed; when the server refuses it, nothing was.
 */
export function last(sql: string): string {
  return `${sql} ${COMMITS}`;
}

/** Does a statement take the commit of its transaction along? */
export function isLast(sql: unknown): boolean {
  return typeof sql === 'string' && sql.endsWith(COMMITS);
}

type Ask = (...question: unknown[]) => unknown;

/** What the server says to `begin` and `commit`. */
const DONE = { rows: [], rowCount: null };

/**
 * A connection of fewer rounds: a transaction begins with its first statement, and ends with the one
 * marked by {@link last}. What is asked in one turn of the process goes in one piece, and the answers
 * come in the order of the questions. A transaction of a few statements waits half as often.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class PipelinedClient extends PreparingClient {
  private isToBegin = false;
  private commit: unknown;
  private isHeld = false;

  constructor(config?: ClientConfig) {
    const socket = new Socket();
    super({ ...config, pipeline: true, stream: () => socket });
    endOnSilence(socket, SILENCE_MS, () => !(this as unknown as WhatPgKnows).readyForQuery);
    const ask = this.query.bind(this) as Ask;
    this.query = ((...question: unknown[]) => this.send(ask, question)) as typeof this.query;
  }

  private send(ask: Ask, question: unknown[]): unknown {
    const [text] = question;
    if (text === BEGIN) {
      this.isToBegin = true;
      return Promise.resolve(DONE);
    }
    if (text === 'COMMIT' || text === 'ROLLBACK') {
      const sent = this.isToBegin ? Promise.resolve(DONE) : this.commit;
      this.isToBegin = false;
      this.commit = undefined;
      if (sent) return sent;
    }
    if (this.commit)
      return Promise.reject(new Error('This transaction has had its last statement.'));
    this.hold();
    const begun = this.isToBegin ? ask(BEGIN) : undefined;
    this.isToBegin = false;
    const answer = ask(...question);
    if (isLast(text)) {
      const commit = ask('COMMIT') as Promise<unknown>;
      commit.catch(() => undefined); // Whoever asked learns it from the statement or from TypeORM's own commit.
      this.commit = commit;
    }
    return begun ? Promise.all([answer, begun]).then(([result]) => result) : answer;
  }

  /** Until all that can go on now has gone on. */
  private hold(): void {
    if (this.isHeld) return;
    this.isHeld = true;
    const { stream } = this.connection;
    stream.cork();
    process.nextTick(() => {
      this.isHeld = false;
      stream.uncork();
    });
  }
}

/** As TypeORM says it. */
const BEGIN = 'START TRANSACTION';

interface WhatPgKnows {
  /** False while an answer is to come, also to the login. */
  readyForQuery: boolean;
}
