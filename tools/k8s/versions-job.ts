import { databaseUrlOf } from '../start/given-secrets.ts';
import { applications } from '../start/running.ts';
import type { Manifest } from './manifest.ts';
import { accountOf, labelsOf, reachesLabel } from './manifest.ts';
import { containerOf, podOf, settings } from './pod.ts';
import { ADMIN_PASSWORD, asAdmin, policyToServers, waitForServers } from './prepare-job.ts';

const NAME = 'versions';

/**
 * `npm run versions` in the cluster: a CronJob that never runs by itself, but is what Jobs are made
 * from. The command is in VERSIONS. It administers the log, as to retire is to delete topics.
 */
export function versionsManifests(version: string): Manifest[] {
  return [accountOf(NAME), cronJobOf(version), policyToServers(NAME)];
}

function cronJobOf(version: string): Manifest {
  const secrets = { keys: [ADMIN_PASSWORD, ...applications.map(databaseUrlOf)] };
  const container = {
    ...containerOf(NAME, version, secrets),
    envFrom: settings(true),
    env: asAdmin,
  };
  const labels = labelsOf(NAME);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: NAME, labels },
    spec: {
      suspend: true,
      schedule: '0 0 1 1 *',
      jobTemplate: {
        metadata: { labels },
        spec: {
          backoffLimit: 0,
          ttlSecondsAfterFinished: 600,
          template: {
            metadata: {
              labels: { ...labels, ...reachesLabel('kafka'), ...reachesLabel('postgres') },
            },
            spec: {
              ...podOf(NAME, secrets),
              restartPolicy: 'Never',
              // A pod is there before the policies of others know it: what does not try again waits here.
              initContainers: [{ ...container, name: 'servers', command: waitForServers }],
              containers: [
                {
                  ...container,
                  // Not set here: kubectl set env says nothing when it changes nothing.
                  command: [
                    'sh',
                    '-c',
                    'exec node --no-warnings dist/tools/versions/main.js ${VERSIONS:-list}',
                  ],
                  env: [
                    ...asAdmin,
                    // To compare is to hold a day of the log.
                    { name: 'NODE_OPTIONS', value: '--max-old-space-size=384' },
                  ],
                  resources: {
                    requests: { cpu: '50m', memory: '160Mi' },
                    limits: { cpu: '1', memory: '512Mi' },
                  },
                },
              ],
            },
          },
        },
      },
    },
  };
}
