import { setTimeout as pause } from 'node:timers/promises';
import { Probe } from './probe.ts';

test('who refuses blocks at once; an answer ends it', async () => {
  let answers = false;
  const ask = async () => {
    if (!answers) throw new Error('connect ECONNREFUSED');
    return 7;
  };
  const refused = new Probe('The database', ask);
  await refused.look();
  expect(refused.answer).toBeUndefined();
  expect(refused.complaints()).toEqual([
    {
      says: expect.stringMatching(/^The database does not answer, for .*: connect ECO/),
      blocks: true,
    },
  ]);
  answers = true;
  const answered = new Probe('The database', ask);
  await answered.look();
  expect([answered.answer, answered.complaints()]).toEqual([7, []]);
});

test('nobody waits for one who is silent, who is asked once, and blocks when that lasts', async () => {
  let asked = 0;
  let answer: (n: number) => void = () => undefined;
  const probe = new Probe('Kafka', () => {
    asked += 1;
    return new Promise<number>((resolve) => (answer = resolve));
  });
  await Promise.all([probe.look(), probe.look()]);
  expect(asked).toBe(1);
  expect(probe.complaints()[0]?.blocks).toBe(true); // It has never answered.
  const again = probe.look();
  answer(7);
  await again;
  expect([asked, probe.answer, probe.complaints()]).toEqual([1, 7, []]);
});

test('who refuses blocks at once, also after an answer', async () => {
  let refuses = false;
  const ask = async () => {
    if (refuses) throw new Error('connect ECONNREFUSED');
  };
  const probe = new Probe('The database', ask);
  await probe.look();
  refuses = true;
  await untilComplaint(probe);
  expect(probe.complaints()[0]?.blocks).toBe(true);
});

test('who was quick and is slow now blocks when that lasts', async () => {
  let slow = false;
  const ask = () => (slow ? new Promise<number>(() => undefined) : Promise.resolve(7));
  const probe = new Probe('Kafka', ask);
  await probe.look();
  slow = true;
  await untilComplaint(probe);
  const [soon] = probe.complaints();
  const [later] = probe.complaints(Date.now() + 10_000);
  expect([soon?.blocks, later?.blocks]).toEqual([false, true]);
  expect(probe.answer).toBe(7);
});

async function untilComplaint(probe: Probe<unknown>): Promise<void> {
  for (;;) {
    await probe.look();
    if (probe.complaints().length > 0) return;
    await pause(25);
  }
}
