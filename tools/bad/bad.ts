import { userInfo } from 'node:os';
import type { Writable } from 'node:stream';
import { topics } from '#contracts/all';
import { OPERATOR, topicOfBadTrack } from '#contracts/bad';
import { BadEvents } from '#log/bad-events';
import type { BadCase } from '#log/bad-cases';
import { open } from '#log/security';
import type { Security } from '#log/security';
import { connectTool } from '../kafka/connect.ts';
import { securityOfTool } from '../start/logins.ts';
import { help, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { jsonOf, listed, shown } from './text.ts';

type Out = Writable & { isTTY?: boolean; columns?: number };

/** `npm run bad`: the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // The reader of the pipe has what it wanted.
  process.stdout.on('error', () => process.exit(0));
  try {
    const options = parseOptions(argv);
    const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:19092').split(',');
    await run(options, brokers, process.stdout, securityOfTool(process.env, OPERATOR));
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

/** Does what was asked for. Throws a sentence when it cannot. */
export async function run(
  options: Options,
  brokers: readonly string[],
  out: Out,
  security: Security = open,
): Promise<void> {
  const { command, id } = options;
  if (command === 'help') return void out.write(help);
  const bad = new BadEvents(await connectTool('streamside-bad', brokers, security));
  const by = (options.by ?? userInfo().username).slice(0, 100);
  switch (command) {
    case 'list':
      return list(bad, options, out);
    case 'show':
      return show(bad, options, out);
    case 'retry': {
      const { data } = await bad.find(id);
      const at = await bad.retry(id, by);
      const check = `npm run bad -- list --group ${data.group} shows it again should it fail again`;
      return void out.write(`${id} is sent to ${data.group} once more, at ${at}.\n${check}.\n`);
    }
    case 'discard':
      await bad.discard(id, by, options.why);
      out.write(`${id} is discarded. npm run bad -- list shows what is left.\n`);
  }
}

async function list(bad: BadEvents, options: Options, out: Out): Promise<void> {
  const { all, topic, group, limit, json } = options;
  const names = [...topics().keys()].filter((name) => topicOfBadTrack(name) === null);
  if (topic !== null && !names.includes(topic)) {
    throw new Error(`There is no topic "${topic}": choose from ${names.toSorted().join(', ')}.`);
  }
  const isWanted = ({ data, settled }: BadCase) =>
    (all || !settled) && (group === null || data.group === group);
  const found = (await bad.all(topic === null ? names : [topic])).filter(isWanted);
  const cases = found.toSorted((a, b) => a.time - b.time);
  const columns = out.isTTY === true ? (out.columns ?? null) : null;
  if (!json) return void out.write(`${listed(cases, limit, columns)}\n`);
  for (const each of cases.slice(-limit)) out.write(`${jsonOf(each, false)}\n`);
}

async function show(bad: BadEvents, { id, json, raw }: Options, out: Out): Promise<void> {
  const found = await bad.find(id);
  const original = await bad.original(found);
  const { value: kept, size } = found.data;
  const isKept = kept !== '' || size === 0;
  const value = isKept ? Buffer.from(kept, 'base64') : (original?.value ?? null);
  if (raw) return void (value && out.write(value));
  out.write(`${json ? jsonOf(found, true) : shown(found, original, value)}\n`);
}
