import { secretFiles } from '../start/given-secrets.ts';
import type { Manifest } from './manifest.ts';
import { labelsOf, reachesLabel, selectorOf } from './manifest.ts';
import { containerOf, fromFile, podOf, SECRETS_DIR } from './pod.ts';

const NAME = 'prepare';

/** The Job that makes topics, users, rights, first facts and tables; it may run again at any time. */
export function prepareManifests(version: string): Manifest[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: NAME, labels: labelsOf(NAME) },
      automountServiceAccountToken: false,
    },
    jobOf(version),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: NAME, labels: labelsOf(NAME) },
      spec: {
        podSelector: { matchLabels: selectorOf(NAME) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [],
        egress: [
          {
            to: [{ podSelector: { matchLabels: selectorOf('kafka') } }],
            ports: [{ port: 9092 }],
          },
          {
            to: [{ podSelector: { matchLabels: selectorOf('postgres') } }],
            ports: [{ port: 5432 }],
          },
        ],
      },
    },
  ];
}

function jobOf(version: string): Manifest {
  const secrets = { keys: SECRET_KEYS };
  const container = {
    ...containerOf(NAME, version, secrets),
    envFrom: [{ configMapRef: { name: 'streamside' } }],
    env: [
      fromSettings('KAFKA_USERNAME', 'KAFKA_ADMIN_USERNAME'),
      fromSettings('KAFKA_SASL_MECHANISM', 'KAFKA_ADMIN_SASL_MECHANISM'),
      fromFile('KAFKA_PASSWORD', 'admin-kafka-password'),
      { name: 'SECRETS_DIR', value: SECRETS_DIR },
    ],
  };
  const labels = labelsOf(NAME);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    // A Job cannot be changed: each version has one of its own.
    metadata: { name: `${NAME}-${version.replaceAll('.', '-')}`, labels },
    spec: {
      backoffLimit: 20,
      ttlSecondsAfterFinished: 600,
      template: {
        metadata: { labels: { ...labels, ...reachesLabel('kafka'), ...reachesLabel('postgres') } },
        spec: {
          ...podOf(NAME, secrets),
          restartPolicy: 'OnFailure',
          initContainers: [
            {
              ...container,
              name: 'servers',
              command: ['node', 'dist/tools/start/prepared.js', '--servers'],
            },
          ],
          containers: [{ ...container, command: ['node', 'dist/tools/start/prepare.js'] }],
        },
      },
    },
  };
}

/** Every key of the Secret `streamside` that has to do with users, of the log or of PostgreSQL. */
const SECRET_KEYS = ['admin-kafka-password', ...secretFiles];

const fromSettings = (name: string, key: string) => ({
  name,
  valueFrom: { configMapKeyRef: { name: 'streamside', key } },
});
