import { setTimeout as pause } from 'node:timers/promises';
import { topics } from '#contracts/all';
import { grantAccess } from '#log/access';
import { checkLogin, connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import type { Security } from '#log/security';
import { createTopics } from '#log/topics';
import { services } from '../../manifest.ts';
import { appendFirstFacts } from '../first-facts.ts';
import { step } from '../start/progress.ts';
import { firstReleases, runs } from '../start/running.ts';
import type { Running } from '../start/running.ts';
import { grantsOf, toolGrants } from './access.ts';

/** Whom to ask, and as whom: with users on the log, an administrator. */
export interface At {
  brokers: string[];
  security: Security;
}

/**
 * What has to be on a log before anybody subscribes, whoever runs the broker: users with these
 * passwords and their rights (null: none are made), topics, those of releases if they run, first facts.
 * Errors are sentences.
 */
export async function prepareLog(
  at: At,
  passwords: Readonly<Record<string, string>> | null,
  { firstFacts = true, running = firstReleases } = {},
): Promise<void> {
  const { brokers, security } = at;
  await checkLogin(connectKafka(brokers, 'streamside-prepare', silent, security), security);
  await Promise.all([passwords && giveRights(at, passwords), makeTopics(at, firstFacts, running)]);
}

async function giveRights(at: At, passwords: Readonly<Record<string, string>>): Promise<void> {
  const ofServices = services.flatMap((service) => grantsOf(service, topics()));
  const grants = [...ofServices, ...toolGrants(topics())];
  await step(
    'rights',
    () => grantAccess({ ...at, passwords, grants }),
    ({ granted, revoked }) =>
      granted + revoked > 0 ? `${granted} granted, ${revoked} taken away` : '',
  );
}

async function makeTopics(
  { brokers, security }: At,
  firstFacts: boolean,
  running: Running,
): Promise<void> {
  const wanted = [...topics().values()].filter(({ release }) => runs(running, release));
  const { drifts } = await step(
    'topics',
    () => createTopics(brokers, security, wanted),
    ({ created }) => (created.length > 0 ? `${created.length} created` : ''),
  );
  for (const drift of drifts) console.log(`  ${drift}`);
  if (!firstFacts) return;
  await step(
    'first facts',
    () => onceLeadersAreKnown(() => appendFirstFacts(brokers, security)),
    ({ appended }) => (appended > 0 ? `${appended} appended` : ''),
  );
}

/** A topic that was created a moment ago may not be known to its own broker yet. */
async function onceLeadersAreKnown<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 20 || !(error as { retriable?: boolean }).retriable) throw error;
      await pause(250);
    }
  }
}
