import type { Manifest } from './manifest.ts';
import { healthPortsOf, ofKind, podsOf, selects } from './workloads.ts';
import type { Pod } from './workloads.ts';

type Problem = readonly [resource: Manifest, says: string];
interface Labels {
  matchLabels?: Record<string, string>;
}
interface Policy {
  podSelector: Labels;
  ingress?: { from?: object[]; ports?: { port?: string | number }[] }[];
}

/** Health and metrics are not for those who come in by a door: not through an Ingress, nor past it. */
export function healthProblems({ manifests }: { manifests: readonly Manifest[] }): Problem[] {
  return podsOf(manifests).flatMap((pod) => [
    ...doorsTo(pod, manifests),
    ...policiesTo(pod, manifests),
    ...answeredElsewhere(pod),
  ]);
}

function doorsTo(pod: Pod, manifests: readonly Manifest[]): Problem[] {
  return ofKind(manifests, 'Service').flatMap((door) => {
    const { selector, ports } = door.spec as {
      selector: Record<string, string>;
      ports: { port: number; targetPort?: string | number }[];
    };
    if (!selects({ matchLabels: selector }, pod.labels)) return [];
    return ports
      .map(({ port, targetPort }) => targetPort ?? port)
      .filter((to) => isHealth(pod, to))
      .map((to) => [door, `leads to port ${to}, where health and metrics are answered`] as const);
  });
}

function policiesTo(pod: Pod, manifests: readonly Manifest[]): Problem[] {
  if (healthPortsOf(pod).length === 0) return [];
  return ofKind(manifests, 'NetworkPolicy').flatMap((policy) => {
    const { podSelector, ingress = [] } = policy.spec as Policy;
    if (!selects(podSelector, pod.labels)) return [];
    const open = ingress
      .filter(({ from }) => !from)
      .some(({ ports }) => !ports || ports.some(({ port }) => !port || isHealth(pod, port)));
    return open
      ? [[policy, 'lets everybody in where health and metrics are answered'] as const]
      : [];
  });
}

/** The service has to be told, or it answers them at its door. */
function answeredElsewhere(pod: Pod): Problem[] {
  const [health] = healthPortsOf(pod);
  const [container] = pod.spec.containers;
  if (!health || container!.ports!.length === 1) return [];
  const told = container!.env?.find(({ name }) => name === 'HEALTH_PORT')?.value;
  if (told === `${health.containerPort}`) return [];
  return [[pod.owner, `needs HEALTH_PORT: ${health.containerPort}, as its probes ask there`]];
}

function isHealth(pod: Pod, port: string | number): boolean {
  return healthPortsOf(pod).some(
    ({ name, containerPort }) => port === name || port === containerPort,
  );
}
