import { EventEmitter } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Topic } from '#contracts/contract';
import { orders } from '#contracts/orders';
import { v1, v2 } from '#contracts/recommendations';
import { stock, stockLevels } from '#contracts/stock';
import { visitors } from '#contracts/visitors';
import { FollowReleases } from '#log/follow';
import { LogTail } from '#log/log.module';
import type { From, Tail, Tailed } from '#log/tail';
import { jsonOf, Stories } from './stories.ts';
import type { Landed } from './stories.ts';

/** How far back to read at the start, so that a restart does not make anybody's story begin anew. */
const LOOK_BACK_MS = 15 * 60_000;
/** Nobody who looks at the drawer notices that it is told so much later. */
const LINGER_MS = 100;

/** Where the log tells of a visitor: what they do, and what services make of it. */
const watched = [visitors, orders, stock, stockLevels];
/** And what each release of the recommendations makes of it, while somebody is on it. */
const affinities = [v1.affinities, v2.affinities];

/** What just happened to a visitor, from the log itself, for the log drawer of the pages. */
@Injectable()
export class Story implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('story');
  private readonly stories = new Stories();
  /** An event of a visitor's id: something of theirs landed. */
  private readonly told = new EventEmitter().setMaxListeners(0);
  private tail: Promise<Tail> | undefined;
  /** Once it has begun, only what comes: what a release makes of the past as it catches up is no news. */
  private from: From = Date.now() - LOOK_BACK_MS;
  private readonly releases: FollowReleases;

  constructor(
    private readonly log: LogTail,
    dataSource: DataSource,
  ) {
    const followers = affinities.map((topic) => ({
      release: topic.release!,
      whileInForce: true,
      open: async () => {
        const tail = await this.watch([topic]);
        return { close: () => tail.close(), forget: async () => undefined };
      },
    }));
    this.releases = new FollowReleases(dataSource, followers, this.logger);
  }

  onApplicationBootstrap(): void {
    this.tail = this.watch(watched);
    const failed = (error: Error) => this.logger.error(`The log drawer: ${error.message}`);
    this.tail.catch(failed);
    this.releases.start().then(() => void (this.from = 'now'), failed);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.releases.stop();
    await (await this.tail)?.close();
  }

  private watch(topics: readonly Topic[]): Promise<Tail> {
    return this.log.watch(topics, this.from, (tailed) => this.notice(tailed), {
      lingerMs: LINGER_MS,
    });
  }

  /** The events of this visitor, as JSON, in no order. */
  of(visitorId: string): string[] {
    return this.stories.of(visitorId).map(jsonOf);
  }

  /** One event, as JSON, if it is this visitor's. */
  one(visitorId: string, at: Pick<Landed, 'topic' | 'partition' | 'offset'>): string | undefined {
    const { topic, partition, offset } = at;
    const landed = this.stories
      .of(visitorId)
      .find((l) => l.topic === topic && l.partition === partition && l.offset === offset);
    return landed && jsonOf(landed);
  }

  /** Hears every event of this visitor that lands from now on, as JSON. Returns how to stop. */
  listen(visitorId: string, hear: (json: string) => void): () => void {
    this.told.on(visitorId, hear);
    return () => this.told.off(visitorId, hear);
  }

  private notice(tailed: Tailed): void {
    const news = this.stories.note(tailed);
    if (!news || this.told.listenerCount(news.visitorId) === 0) return;
    for (const landed of news.landed) this.told.emit(news.visitorId, jsonOf(landed));
  }
}
