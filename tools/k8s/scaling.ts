import { PARTITIONS } from '#contracts/contract';
import type { Service } from '../../manifest.ts';
import type { Manifest } from './manifest.ts';
import { labelsOf, selectorOf } from './manifest.ts';
import { idOf } from './service.ts';
import type { Runnable } from './service.ts';

/** Records that wait for a replica, at which another one is worth a rebalance. */
const LAG_A_REPLICA = '5000';
const CPU_PERCENT = 70;

/** For each of these that may run more than once: how often, and how many may be away at a time. */
export function scalingManifests(runnables: readonly Runnable[]): Manifest[] {
  return runnables
    .filter(({ replicas }) => replicas)
    .flatMap((service) => [scalerOf(service), budgetOf(service)]);
}

function scalerOf(service: Runnable): Manifest {
  const name = idOf(service);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, labels: labelsOf(name) },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 2,
      maxReplicas: PARTITIONS,
      metrics: metricsOf(service),
      behavior: {
        // Every change moves partitions, so go down late.
        scaleUp: { policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] },
        scaleDown: {
          stabilizationWindowSeconds: 900,
          policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }],
        },
      },
    },
  };
}

/** A reader by what waits for it, a door by what it has to do; who is both, by what asks for more. */
function metricsOf({ reads, port }: Service): object[] {
  const lag = {
    type: 'Pods',
    pods: {
      metric: { name: 'log_lag_records' },
      target: { type: 'AverageValue', averageValue: LAG_A_REPLICA },
    },
  };
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_PERCENT } },
  };
  return [...(reads && reads.length > 0 ? [lag] : []), ...(port === null ? [] : [cpu])];
}

function budgetOf(service: Runnable): Manifest {
  const name = idOf(service);
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, labels: labelsOf(name) },
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(name) } },
  };
}
