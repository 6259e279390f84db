import { Counter, Gauge, Histogram } from 'prom-client';

/*
 * Prometheus metrics of the log library, on the default registry. Counters grow as things happen;
 * gauges are set when somebody asks (log-health.ts), and hold no series that is not true now.
 * Labels are bounded: the groups of a service, their topics, six partitions each.
 */

export const recordsRead = new Counter({
  name: 'log_records_read_total',
  help: 'Records a consumer group has done. Its rate is the events per second.',
  labelNames: ['group', 'topic'],
});
const eventsAppended = new Counter({
  name: 'log_events_appended_total',
  help: 'Events this service has appended, by type: on the log, or in its outbox on the way there.',
  labelNames: ['topic', 'type'],
});
export const recordsRefused = new Counter({
  name: 'log_records_refused_total',
  help: 'Records put on the bad track, by the kind of reason.',
  labelNames: ['group', 'topic', 'reason'],
});
export const retries = new Counter({
  name: 'log_retries_total',
  help: 'Failures around a partition (database, broker, a newer version) that are tried again.',
  labelNames: ['group', 'topic'],
});
export const rebalances = new Counter({
  name: 'log_rebalances_total',
  help: 'Times the group handed out its partitions anew, this process among its members.',
  labelNames: ['group'],
});
export const batchSeconds = new Histogram({
  name: 'log_batch_duration_seconds',
  help: 'Time of one transaction of the delivery loop: lock, work, save, commit.',
  labelNames: ['group'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2],
});
export const batchRecords = new Histogram({
  name: 'log_batch_records',
  help: 'Records done in one transaction of the delivery loop.',
  labelNames: ['group'],
  buckets: [1, 10, 100, 1000],
});

export const lag = new Gauge({
  name: 'log_lag_records',
  help: 'Records in a partition that the group has not done. Missing: unknown, or not ours.',
  labelNames: ['group', 'topic', 'partition'],
});
export const timeBehind = new Gauge({
  name: 'log_time_behind_seconds',
  help: 'How far the time of a partition is behind the clock: 0 unless something waits in it.',
  labelNames: ['group', 'topic', 'partition'],
});
export const partitionPaused = new Gauge({
  name: 'log_partition_paused',
  help: '1 while a partition is held back because it fails, and is tried again; the log says why.',
  labelNames: ['group', 'topic', 'partition'],
});
export const outboxRecords = new Gauge({
  name: 'log_outbox_records',
  help: 'Events committed to the database of this service and not published yet.',
});
export const outboxOldest = new Gauge({
  name: 'log_outbox_oldest_seconds',
  help: 'Age of the oldest event that is not published yet, by its own time; 0 when there is none.',
});

/** Counts what was appended. */
export function countAppended(records: readonly { topic: string; type: string }[]): void {
  for (const { topic, type } of records) eventsAppended.inc({ topic, type });
}
