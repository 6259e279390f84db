import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { releaseFor } from '#contracts/releases';
import type { Application, Placements } from '#contracts/releases';
import { placementsOf } from '#log/follow';
import { partitionOf } from '#log/partition';
import { offers } from './offers.ts';

/**
 * Which releases a visitor is on, as far as the shop has read the log in their partition: so all
 * replicas say the same, and nobody goes back.
 */
@Injectable()
export class Releases {
  constructor(private readonly dataSource: DataSource) {}

  async of(application: Application, visitorId: string): Promise<string> {
    return releaseFor(await this.placements(visitorId), application, visitorId);
  }

  async all(visitorId: string): Promise<Record<Application, string>> {
    const placements = await this.placements(visitorId);
    const of = (application: Application) => releaseFor(placements, application, visitorId);
    return { recommendations: of('recommendations'), feedback: of('feedback') };
  }

  private placements(visitorId: string): Promise<Placements> {
    const partition = partitionOf(visitorId);
    return placementsOf(this.dataSource, { group: offers.name, partition });
  }
}
