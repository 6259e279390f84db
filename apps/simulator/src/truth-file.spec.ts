import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { aMarket, walk } from './market.spec-helper.ts';
import { usualMix } from './personas.ts';
import { shopperOf } from './shopper.ts';
import { TruthFile } from './truth-file.ts';

describe('the truth, aside from the log', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'streamside-truth-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const truthOf = (session: number) => {
    const { mind, outcome } = walk(shopperOf('spec', session, usualMix, aMarket.tastes));
    return { ...mind.truth(), visitorId: `visitor-${session}`, from: 1, until: 2, outcome };
  };
  const at = (path?: string) => new TruthFile({ TRUTH_FILE: path } as Config);

  it('is one JSON object a line, in the order in which visits ended', async () => {
    const path = join(folder, 'truth.jsonl');
    const file = at(path);
    await file.onModuleInit();
    const truths = [0, 1, 2].map(truthOf);
    await Promise.all(truths.map((truth) => file.write(truth)));
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(truths);
  });

  it('is refused at the start when it cannot be written', async () => {
    const file = at(join(folder, 'nowhere', 'truth.jsonl'));
    await expect(file.onModuleInit()).rejects.toThrow(/^TRUTH_FILE .* \(ENOENT\): name a file/);
  });

  it('is kept nowhere when nobody asks for it', async () => {
    const file = at();
    await file.onModuleInit();
    await expect(file.write(truthOf(0))).resolves.toBeUndefined();
  });
});
