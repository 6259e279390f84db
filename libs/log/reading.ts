import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, ConsumerRunConfig } from 'kafkajs';

/** How long to wait before reading on after the client gave up. */
const START_AGAIN_MS = 1000;

/**
 * A consumer that runs until it is stopped. kafkajs gives up for ever on answers that it takes for
 * final (a coordinator that moved, members of another protocol); whoever reads the log cannot.
 */
export class Reading {
  private stopping = false;

  /** `consumer` is connected and subscribed; `onGivenUp` hears why it has to start again. */
  constructor(
    private readonly consumer: Consumer,
    private readonly config: ConsumerRunConfig,
    private readonly onGivenUp: (error: Error) => void = () => undefined,
  ) {
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) =>
      restart ? undefined : this.startAgain(error),
    );
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

  private async startAgain(error: Error): Promise<void> {
    for (let failure = error; !this.stopping;) {
      this.onGivenUp(failure);
      await pause(START_AGAIN_MS);
      try {
        if (this.stopping) return;
        await this.consumer.connect();
        return await this.start();
      } catch (again) {
        failure = again as Error;
      }
    }
  }
}
