import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, ConsumerRunConfig } from 'kafkajs';
import { MEMBERSHIP } from './kafka.ts';

/** How long to wait before reading on after the client gave up. */
const START_AGAIN_MS = 1000;
/** A member says that it lives after each answer that brings nothing, and within each batch. */
const FETCHES_WITHOUT_A_WORD = 10;

/**
 * A consumer that runs until it is stopped, as a member of its group. kafkajs gives up for ever on answers
 * that it takes for final (a coordinator that moved, members of another protocol); whoever reads the log cannot.
 * And when its group has forgotten it and the connection ends while it joins again, it reads on as no
 * member at all, beside whoever has its partitions by then.
 */
export class Reading {
  private stopping = false;
  private heardAt = Date.now();
  private fetchesSince = 0;

  /** `consumer` is connected and subscribed; `onGivenUp` hears why it has to start again. */
  constructor(
    private readonly consumer: Consumer,
    private readonly config: ConsumerRunConfig,
    private readonly onGivenUp: (error: Error) => void = () => undefined,
  ) {
    const { CRASH, FETCH, GROUP_JOIN, HEARTBEAT } = consumer.events;
    consumer.on(CRASH, ({ payload: { error, restart } }) =>
      restart ? undefined : this.startAgain(error),
    );
    consumer.on(GROUP_JOIN, () => this.heard());
    consumer.on(HEARTBEAT, () => this.heard());
    consumer.on(FETCH, () => this.fetched());
  }

  /** Resolves when it runs; it need not be a member of its group yet. */
  start(): Promise<void> {
    return this.consumer.run(this.config);
  }

  /** Finishes the batch under way and leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.consumer.disconnect();
  }

  private heard(): void {
    this.heardAt = Date.now();
    this.fetchesSince = 0;
  }

  private fetched(): void {
    this.fetchesSince += 1;
    const silentMs = Date.now() - this.heardAt;
    if (this.fetchesSince < FETCHES_WITHOUT_A_WORD || silentMs < MEMBERSHIP.sessionTimeout) return;
    this.heard(); // It is told once.
    void this.startAgain(new Error('it reads, and is no member of its group'));
  }

  private async startAgain(error: Error): Promise<void> {
    for (let failure = error; !this.stopping;) {
      this.onGivenUp(failure);
      await pause(START_AGAIN_MS);
      try {
        await this.consumer.stop();
        if (this.stopping) return;
        await this.consumer.connect();
        return await this.start();
      } catch (again) {
        failure = again as Error;
      }
    }
  }
}
