import { services } from '../../manifest.ts';
import type { Service } from '../../manifest.ts';
import type { Manifest } from './manifest.ts';
import { labelsOf, reachesLabel, selectorOf } from './manifest.ts';
import { containerOf, fromFile, podOf } from './pod.ts';

/** Where services listen that have no port for people. */
const HEALTH_PORT = 8080;
/** How long a door goes on answering while the cluster forgets its pod. */
const DRAIN_SECONDS = 5;

/** Everything a service is in Kubernetes. */
export function manifestsOf(service: Service, version: string): Manifest[] {
  const { name, port } = service;
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, labels: labelsOf(name) },
      automountServiceAccountToken: false,
    },
    deploymentOf(service, version),
    ...(port === null ? [] : [doorOf(name, port)]),
    policyOf(service),
  ];
}

function deploymentOf(service: Service, version: string): Manifest {
  const { name, replicas } = service;
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

function podSpecOf(service: Service, version: string) {
  const { name, port } = service;
  const secrets = { keys: secretsOf(service) };
  const env = envOf(service);
  const envFrom = [{ configMapRef: { name: 'streamside' } }];
  const container = containerOf(name, version, secrets);
  return {
    ...podOf(name, secrets),
    // What a stop may take (8 s), after the time in which a door goes on answering.
    terminationGracePeriodSeconds: 20,
    ...(isOnTheLog(service) && {
      initContainers: [
        {
          ...containerOf('prepared', version, secrets),
          command: ['node', 'dist/tools/start/prepared.js', name],
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
        ports: [{ name: 'http', containerPort: port ?? HEALTH_PORT }],
        ...probes,
      },
    ],
  };
}

const probe = (path: string) => ({ httpGet: { path, port: 'http' } });

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

function envOf(service: Service) {
  const { name, port, database, reaches: doors } = service;
  return [
    { name: 'PORT', value: `${port ?? HEALTH_PORT}` },
    ...(port === null ? [] : [{ name: 'DRAIN_SECONDS', value: `${DRAIN_SECONDS}` }]),
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
function policyOf(service: Service): Manifest {
  const { name, database, reaches: doors } = service;
  const isPublic = services.some((other) => other.reaches.includes(name));
  const to = (pod: string, port: number | string) => ({
    to: [{ podSelector: { matchLabels: selectorOf(pod) } }],
    ports: [{ port }],
  });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels: labelsOf(name) },
    spec: {
      podSelector: { matchLabels: selectorOf(name) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: isPublic ? [{ ports: [{ port: 'http' }] }] : [],
      egress: [
        ...(isOnTheLog(service) ? [to('kafka', 9092)] : []),
        ...(database ? [to('postgres', 5432)] : []),
        ...doors.map((door) => to(door, 'http')),
      ],
    },
  };
}

function portOf(name: string): number {
  return services.find((service) => service.name === name)!.port!;
}
