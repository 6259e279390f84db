import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { PARTITIONS } from '#contracts/contract';
import { partitionOf } from './partition.ts';

it('is the partition of the client library, whatever the key', () => {
  const partitioner = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
    ...{ partitionErrorCode: 0, partitionId, leader: 0, replicas: [], isr: [] },
  }));
  const byLibrary = (key: string) =>
    partitioner({ topic: 't', partitionMetadata, message: { key, value: null } });
  const keys = fc.string({ unit: 'binary', maxLength: 40 });
  fc.assert(
    fc.property(keys, (key) => expect(partitionOf(key)).toBe(byLibrary(key))),
    { numRuns: 2000 },
  );
});
