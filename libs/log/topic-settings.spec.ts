import { stream, table } from '#contracts/contract';
import { driftOf, isGrave, sentenceOf, settingsOf } from './topic-settings.ts';

const parcels = stream('set-parcels', { key: 'id' });
const shelves = table('set-shelves', { key: 'id' });
const lines = stream('set-lines', {
  key: null,
  settings: { retentionMs: 86_400_000, timestamps: 'CreateTime', minInsyncReplicas: 1 },
});

it('a stream keeps everything, by the time of the log', () => {
  expect(settingsOf(parcels, 3)).toEqual({
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'message.timestamp.type': 'LogAppendTime',
    'min.insync.replicas': '2',
  });
});

it('a table keeps the last of each key, for however long', () => {
  expect(settingsOf(shelves, 3)).toEqual({
    'cleanup.policy': 'compact',
    'message.timestamp.type': 'LogAppendTime',
    'min.insync.replicas': '2',
  });
});

it('a contract may say otherwise', () => {
  expect(settingsOf(lines, 3)).toEqual({
    'cleanup.policy': 'delete',
    'retention.ms': '86400000',
    'message.timestamp.type': 'CreateTime',
    'min.insync.replicas': '1',
  });
});

it.each([
  [1, '1'],
  [2, '2'],
  [3, '2'],
])('of %d replicas, %s must have a record before it is acknowledged', (replicas, wanted) => {
  expect(settingsOf(parcels, replicas)['min.insync.replicas']).toBe(wanted);
});

it('finds what is not as the contract says, and how to mend it', () => {
  const actual = new Map(Object.entries(settingsOf(parcels, 3)));
  expect(driftOf(parcels, actual, 3)).toEqual([]);
  const drifts = driftOf(parcels, actual.set('retention.ms', '1000'), 3);
  expect(drifts.map(sentenceOf)).toEqual([
    'The topic set-parcels has retention.ms=1000, its contract says -1. Mend it with ' +
      'kafka-configs.sh --bootstrap-server $KAFKA_BROKERS --alter --topic set-parcels ' +
      '--add-config retention.ms=-1',
  ]);
});

it.each([
  ['cleanup.policy', true],
  ['message.timestamp.type', true],
  ['retention.ms', false],
  ['min.insync.replicas', false],
])('with another %s services would go wrong: %s', (setting, grave) => {
  const actual = new Map(Object.entries({ ...settingsOf(parcels, 3), [setting]: 'another' }));
  expect(driftOf(parcels, actual, 3).map(isGrave)).toEqual([grave]);
});
