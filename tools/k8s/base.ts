import { services } from '../../manifest.ts';
import { fileOf } from './manifest.ts';
import { prepareManifests } from './prepare-job.ts';
import { scalingManifests } from './scaling.ts';
import { manifestsOf } from './service.ts';

const comment =
  'Written by `npm run k8s` from manifest.ts: change that or tools/k8s, not this file.';

/** The files that follow from the manifest, by path. `version` is the one in package.json. */
export function generatedFiles(version: string): Map<string, string> {
  return new Map([
    ...services.map(
      (service) =>
        [`k8s/base/${service.name}.yaml`, fileOf(comment, manifestsOf(service, version))] as const,
    ),
    ['k8s/base/prepare.yaml', fileOf(comment, prepareManifests(version))] as const,
    ['k8s/overlays/production/scaling.yaml', fileOf(comment, scalingManifests())] as const,
  ]);
}
