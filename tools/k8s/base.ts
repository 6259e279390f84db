import { services } from '../../manifest.ts';
import { laterReleasesOf } from '../start/running.ts';
import { fileOf } from './manifest.ts';
import { jobOf, prepareManifests } from './prepare-job.ts';
import { scalingManifests } from './scaling.ts';
import { manifestsOf } from './service.ts';
import type { Runnable } from './service.ts';
import { versionsManifests } from './versions-job.ts';

const comment =
  'Written by `npm run k8s` from manifest.ts: change that or tools/k8s, not this file.';

/** The component v2 runs the second release of everything that has one, beside the first. */
const [FIRST, SECOND] = ['v1', 'v2'];

/** The files that follow from the manifest, by path. `version` is the one in package.json. */
export function generatedFiles(version: string): Map<string, string> {
  return new Map([
    ...services.map(
      (service) =>
        [`k8s/base/${service.name}.yaml`, fileOf(comment, manifestsOf(service, version))] as const,
    ),
    ['k8s/base/prepare.yaml', fileOf(comment, prepareManifests(version))] as const,
    ['k8s/v2/services.yaml', fileOf(comment, secondReleases(version))] as const,
    ['k8s/v2/versions.yaml', fileOf(comment, versionsManifests(version))] as const,
    ['k8s/production/scaling.yaml', fileOf(comment, scalingManifests(services))] as const,
    ['k8s/production-v2/scaling.yaml', fileOf(comment, scalingManifests(seconds()))] as const,
  ]);
}

/** They serve nobody until somebody says so. */
function secondReleases(version: string) {
  const names = seconds().map(({ name }) => name);
  const releases = names.map((name) => `${name}=${FIRST},${SECOND}`).join(' ');
  return [
    jobOf(version, { name: SECOND, releases }),
    ...seconds().flatMap((service) => manifestsOf(service, version)),
  ];
}

const seconds = (): Runnable[] =>
  services
    .filter(({ name }) => laterReleasesOf(name).includes(SECOND))
    .map((service) => ({ ...service, release: SECOND }));
