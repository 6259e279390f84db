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
  const [soon] = probe.complaints();
  const [later] = probe.complaints(Date.now() + 10_000);
  expect([soon?.blocks, later?.blocks]).toEqual([false, true]);
  const again = probe.look();
  answer(7);
  await again;
  expect([asked, probe.answer, probe.complaints()]).toEqual([1, 7, []]);
});
