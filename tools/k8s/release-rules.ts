import { parseRunning } from '../start/running.ts';
import type { Manifest } from './manifest.ts';
import { allContainersOf, ofKind, podsOf, releaseIn } from './workloads.ts';
import type { Container } from './workloads.ts';

type Problem = readonly [resource: Manifest, says: string];

/** A Deployment with a release in its name is that release, and a Job makes its topics and tables. */
export function releaseProblems({ manifests }: { manifests: readonly Manifest[] }): Problem[] {
  const prepared = podsOf(ofKind(manifests, 'Job'))
    .flatMap(({ spec }) => spec.containers)
    .flatMap((container) => settingOf(container, 'RELEASES') ?? [])
    .map((text): Record<string, readonly string[]> => parseRunning(text));
  return podsOf(ofKind(manifests, 'Deployment')).flatMap((pod): Problem[] => {
    const { owner } = pod;
    const { app, release } = releaseIn(owner.metadata.name);
    const wrong = allContainersOf(pod).filter(
      (container) => settingOf(container, 'RELEASE') !== release,
    );
    const isPrepared = !release || prepared.some((running) => running[app]?.includes(release));
    return [
      ...wrong.map(({ name }): Problem => {
        const needs = release ? `needs RELEASE: ${release}` : 'must not say RELEASE';
        return [owner, `${name} ${needs}, as its name says`];
      }),
      ...(isPrepared
        ? []
        : [[owner, `needs a Job whose RELEASES names ${release} of ${app}`] as const]),
    ];
  });
}

const settingOf = ({ env = [] }: Container, setting: string) =>
  env.find(({ name }) => name === setting)?.value;
