import type { Manifest } from './manifest.ts';
import { networkProblems } from './network-rules.ts';
import { accountProblems, podRules } from './pod-rules.ts';
import { systemRules } from './system-rules.ts';
import type { System } from './system-rules.ts';
import { ofKind, podsOf } from './workloads.ts';

/** Something that is not as it must be. */
export interface Finding {
  /** `Deployment shop` */
  resource: string;
  rule: string;
  /** What is wrong, and what it needs. */
  says: string;
}

/** Everything about a system that is against our own rules. */
export function review(system: System): Finding[] {
  const { manifests, services } = system;
  return [
    ...podsOf(manifests).flatMap((pod) =>
      Object.entries(podRules).flatMap(([rule, problems]) =>
        problems(pod).map((says) => ({ resource: titleOf(pod.owner), rule, says })),
      ),
    ),
    ...ofKind(manifests, 'ServiceAccount').flatMap((account) =>
      accountProblems(account).map((says) => ({ resource: titleOf(account), rule: 'token', says })),
    ),
    ...networkProblems(manifests, services).map(([resource, says]) => ({
      resource: titleOf(resource),
      rule: 'network',
      says,
    })),
    ...Object.entries(systemRules).flatMap(([rule, problems]) =>
      problems(system).map(([resource, says]) => ({ resource: titleOf(resource), rule, says })),
    ),
  ];
}

export function titleOf(resource: Manifest | string): string {
  return typeof resource === 'string' ? resource : `${resource.kind} ${resource.metadata.name}`;
}
