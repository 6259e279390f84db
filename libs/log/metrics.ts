import { Counter, Gauge } from 'prom-client';

/** Prometheus metrics of the delivery loop, on the default registry. */
export const recordsRead = new Counter({
  name: 'log_records_read_total',
  help: 'Records a consumer group has done.',
  labelNames: ['group', 'topic'],
});
export const recordsRefused = new Counter({
  name: 'log_records_refused_total',
  help: 'Records put on the bad track, by the kind of reason.',
  labelNames: ['group', 'topic', 'reason'],
});
export const retries = new Counter({
  name: 'log_retries_total',
  help: 'Batches tried again because something around them failed.',
  labelNames: ['group', 'topic'],
});
export const lag = new Gauge({
  name: 'log_lag_records',
  help: 'Records in a partition that the group has not read yet, at its last batch.',
  labelNames: ['group', 'topic', 'partition'],
});
