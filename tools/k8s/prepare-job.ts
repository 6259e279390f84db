import { secretFiles } from '../start/given-secrets.ts';
import type { Manifest } from './manifest.ts';
import { accountOf, labelsOf, policyFor, reachesLabel } from './manifest.ts';
import { containerOf, fromFile, KAFKA_ACCESS, podOf, SECRETS_DIR, settings } from './pod.ts';

const NAME = 'prepare';
export const ADMIN_PASSWORD = 'admin-kafka-password';

/** The Job that makes topics, users, rights, first facts and tables; it may run again at any time. */
export function prepareManifests(version: string): Manifest[] {
  return [accountOf(NAME), jobOf(version), policyToServers(NAME)];
}

/** The same for releases that run beside the first: a Job of its own, as another cannot be changed. */
export function jobOf(version: string, beside?: { name: string; releases: string }): Manifest {
  const secrets = { keys: SECRET_KEYS };
  const container = {
    ...containerOf(NAME, version, secrets),
    envFrom: settings(true),
    env: [
      ...asAdmin,
      ...(beside
        ? [
            { name: 'RELEASES', value: beside.releases },
            // Both Jobs may run at once; the first appends these.
            { name: 'FIRST_FACTS', value: '0' },
          ]
        : []),
    ],
  };
  const labels = labelsOf(NAME);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    // A Job cannot be changed: each version has one of its own.
    metadata: {
      name: [NAME, beside?.name, version.replaceAll('.', '-')].filter(Boolean).join('-'),
      labels,
    },
    spec: {
      backoffLimit: 20,
      ttlSecondsAfterFinished: 600,
      template: {
        metadata: { labels: { ...labels, ...reachesLabel('kafka'), ...reachesLabel('postgres') } },
        spec: {
          ...podOf(NAME, secrets),
          restartPolicy: 'OnFailure',
          initContainers: [{ ...container, name: 'servers', command: waitForServers }],
          containers: [{ ...container, command: ['node', 'dist/services/prepare.js'] }],
        },
      },
    },
  };
}

/** Every key of the Secret `streamside` that has to do with users, of the log or of PostgreSQL. */
const SECRET_KEYS = [ADMIN_PASSWORD, ...secretFiles];

/** Until the brokers answer, and the databases whose addresses the pod is given. */
export const waitForServers = ['node', 'dist/services/prepared.js', '--servers'];

const ofAdmin = (name: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: KAFKA_ACCESS, key } },
});

/** Environment of who administers the log, and reads the addresses of databases from files. */
export const asAdmin = [
  ofAdmin('KAFKA_USERNAME', 'KAFKA_ADMIN_USERNAME'),
  ofAdmin('KAFKA_SASL_MECHANISM', 'KAFKA_ADMIN_SASL_MECHANISM'),
  fromFile('KAFKA_PASSWORD', ADMIN_PASSWORD),
  { name: 'SECRETS_DIR', value: SECRETS_DIR },
];

/** To the broker and to PostgreSQL, and nowhere else; nobody comes in. */
export const policyToServers = (name: string): Manifest =>
  policyFor(
    name,
    [],
    [
      ['kafka', 9092],
      ['postgres', 5432],
    ],
  );
