import { services } from '../../manifest.ts';
import type { Service } from '../../manifest.ts';
import type { Manifest } from './manifest.ts';
import { accountOf, labelsOf, policyFor, reachesLabel, selectorOf } from './manifest.ts';
import { containerOf, fromFile, podOf, settings } from './pod.ts';

/** Where every pod answers for its health and metrics; no Service leads there, and so no Ingress. */
const HEALTH_PORT = 8080;
/** How long a door goes on answering while the cluster forgets its pod. */
const DRAIN_SECONDS = 5;

/** A service, or another release of it than the first, with pods of its own. */
export type Runnable = Service & { release?: string };

/** What its pods and all that is theirs are called. */
export const idOf = ({ name, release }: Runnable) => (release ? `${name}-${release}` : name);

/** Everything a service is in Kubernetes. */
export function manifestsOf(service: Runnable, version: string): Manifest[] {
  const { port } = service;
  const name = idOf(service);
  return [
    accountOf(name),
    deploymentOf(service, version),
    ...(port === null ? [] : [doorOf(name, port)]),
    policyOf(service),
  ];
}

function deploymentOf(service: Runnable, version: string): Manifest {
  const { replicas } = service;
  const name = idOf(service);
  const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: labelsOf(name) },
    spec: {
      // No number of replicas: who scales, a person or the autoscaler, is not overruled here.
      selector: { matchLabels: selectorOf(name) },
      strategy: replicas ? rolling : { type: 'Recreate' },
      revisionHistoryLimit: 3,
      template: {
        metadata: { labels: { ...labelsOf(name), ...reaches(service) } },
        spec: podSpecOf(service, version),
      },
    },
  };
}

function podSpecOf(service: Runnable, version: string) {
  const { name, port } = service;
  const secrets = { keys: secretsOf(service) };
  const env = envOf(service);
  const envFrom = settings(isOnTheLog(service));
  const container = containerOf(idOf(service), version, secrets);
  return {
    ...podOf(idOf(service), secrets),
    // What a stop may take (8 s), after the time in which a door goes on answering.
    terminationGracePeriodSeconds: 20,
    ...(isOnTheLog(service) && {
      initContainers: [
        {
          ...containerOf('prepared', version, secrets),
          command: ['node', 'dist/services/prepared.js', name],
          envFrom,
          env,
        },
      ],
    }),
    containers: [
      {
        ...container,
        command: ['node', `dist/services/${name}.js`],
        envFrom,
        env,
        ports: [
          ...(port === null ? [] : [{ name: 'http', containerPort: port }]),
          { name: 'health', containerPort: HEALTH_PORT },
        ],
        ...probes,
      },
    ],
  };
}

const probe = (path: string) => ({ httpGet: { path, port: 'health' } });

/** `/readyz` takes a second at most, whatever is away. */
const probes = {
  startupProbe: {
    ...probe('/healthz'),
    periodSeconds: 1,
    timeoutSeconds: 2,
    failureThreshold: 120,
  },
  readinessProbe: { ...probe('/readyz'), periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 2 },
  livenessProbe: {
    ...probe('/healthz'),
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 3,
  },
};

function envOf(service: Runnable) {
  const { name, port, database, release, reaches: doors } = service;
  return [
    ...(release ? [{ name: 'RELEASE', value: release }] : []),
    { name: 'PORT', value: `${port ?? HEALTH_PORT}` },
    ...(port === null
      ? []
      : [
          { name: 'HEALTH_PORT', value: `${HEALTH_PORT}` },
          { name: 'DRAIN_SECONDS', value: `${DRAIN_SECONDS}` },
        ]),
    ...(isOnTheLog(service)
      ? [
          { name: 'KAFKA_USERNAME', value: name },
          fromFile('KAFKA_PASSWORD', `${name}-kafka-password`),
        ]
      : []),
    ...(database ? [fromFile('DATABASE_URL', `${name}-database-url`)] : []),
    ...(signs(service) ? [fromFile('DELIVERIES_SECRET', 'deliveries-secret')] : []),
    ...doors.map((door) => ({
      name: `${door.toUpperCase()}_URL`,
      value: `http://${door}:${portOf(door)}`,
    })),
  ];
}

/** Keys of the Secret that its pods see, and no others. */
function secretsOf(service: Service): string[] {
  const { name, database } = service;
  return [
    ...(isOnTheLog(service) ? [`${name}-kafka-password`] : []),
    ...(database ? [`${name}-database-url`] : []),
    ...(signs(service) ? ['deliveries-secret'] : []),
  ];
}

/** Who signs the deliveries of suppliers, and who checks that. */
const signs = ({ name, reaches: doors }: Service) =>
  name === 'collector' || doors.includes('collector');

const isOnTheLog = ({ reads }: Service) => reads !== null;

function reaches(service: Service): Record<string, string> {
  return {
    ...(isOnTheLog(service) && reachesLabel('kafka')),
    ...(service.database && reachesLabel('postgres')),
  };
}

function doorOf(name: string, port: number): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: labelsOf(name) },
    spec: { selector: selectorOf(name), ports: [{ name: 'http', port, targetPort: 'http' }] },
  };
}

/** What manifest.ts lets it reach, and who may reach it: everybody, or nobody. */
function policyOf(service: Runnable): Manifest {
  const { database, reaches: doors } = service;
  const name = idOf(service);
  const isPublic = services.some((other) => other.reaches.includes(name));
  return policyFor(name, isPublic ? [{ ports: [{ port: 'http' }] }] : [], [
    ...(isOnTheLog(service) ? [['kafka', 9092] as const] : []),
    ...(database ? [['postgres', 5432] as const] : []),
    ...doors.map((door) => [door, 'http'] as const),
  ]);
}

function portOf(name: string): number {
  return services.find((service) => service.name === name)!.port!;
}
