import type { Service } from '../../manifest.ts';
import type { Manifest } from './manifest.ts';
import { ofKind, podsOf, releaseIn, selects } from './workloads.ts';
import type { Pod } from './workloads.ts';

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string };
}
interface Selector {
  matchLabels?: Record<string, string>;
}
interface PolicySpec {
  podSelector: Selector;
  policyTypes?: string[];
  ingress?: { from?: Peer[] }[];
  egress?: { to?: Peer[] }[];
}
type Problem = readonly [resource: Manifest, says: string];

/** Nobody reaches anybody but for what manifest.ts says. */
export function networkProblems(
  manifests: readonly Manifest[],
  services: readonly Service[],
): Problem[] {
  const policies = ofKind(manifests, 'NetworkPolicy');
  const pods = podsOf(manifests);
  const namespace = ofKind(manifests, 'Namespace')[0] ?? manifests[0]!;
  return [
    ...(policies.some(deniesAll)
      ? []
      : [[namespace, 'needs a NetworkPolicy that selects every pod and allows nothing'] as const]),
    ...pods.flatMap((pod) => policyMissing(pod, policies)),
    ...pods.flatMap((pod) => reachProblems(pod, policies, services)),
    ...pods.flatMap((pod) => doorProblems(pod, policies, services)),
  ];
}

const specOf = ({ spec }: Manifest) => spec as PolicySpec;
const nameOf = (labels: Record<string, string>) => labels['app.kubernetes.io/name'] ?? '';

function deniesAll(policy: Manifest): boolean {
  const { podSelector, policyTypes = [], ingress, egress } = specOf(policy);
  const all = Object.keys(podSelector).length === 0;
  return all && policyTypes.length === 2 && !ingress?.length && !egress?.length;
}

/** One that names it, so that one can read in its file what it may do. */
function policyMissing({ owner, labels }: Pod, policies: readonly Manifest[]): Problem[] {
  const own = policies.find((policy) => {
    const { podSelector, policyTypes = [] } = specOf(policy);
    const named = podSelector.matchLabels?.['app.kubernetes.io/name'] === nameOf(labels);
    return named && policyTypes.includes('Ingress') && policyTypes.includes('Egress');
  });
  return own ? [] : [[owner, `needs a NetworkPolicy of its own, for Ingress and Egress`]];
}

/** Where a pod may connect to, by the names of the pods there; `*` is anywhere. */
function reachOf(labels: Record<string, string>, policies: readonly Manifest[]): Set<string> {
  const rules = policies
    .map(specOf)
    .filter(({ podSelector }) => selects(podSelector, labels))
    .flatMap(({ egress = [] }) => egress);
  return new Set(
    rules.flatMap(({ to }) => (to ?? [{}]).map(nameOfPeer)).filter((name) => name !== 'kube-dns'),
  );
}

function nameOfPeer({ podSelector, namespaceSelector, ipBlock }: Peer): string {
  const { matchLabels = {} } = podSelector ?? {};
  const namespace = namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'];
  const there = namespace && `namespace ${namespace}`;
  return nameOf(matchLabels) || matchLabels['k8s-app'] || ipBlock?.cidr || there || '*';
}

/** Traces may go to where the watchers are. */
const WATCHERS = 'namespace monitoring';

function reachProblems(
  { owner, labels }: Pod,
  policies: readonly Manifest[],
  services: readonly Service[],
): Problem[] {
  const { app } = releaseIn(nameOf(labels));
  const service = services.find(({ name }) => name === app);
  if (!service) return [];
  const own = [
    ...(isOnTheLog(service) ? ['kafka'] : []),
    ...(service.database ? ['postgres'] : []),
  ];
  const allowed = new Set([...own, ...service.reaches]);
  const reached = [...reachOf(labels, policies)].filter(
    (name) => name !== WATCHERS && !/^[\d.]+\/\d+$/.test(name),
  );
  return [
    ...reached
      .filter((name) => !allowed.has(name))
      .map((name) => [owner, `may reach ${name}, which manifest.ts does not say`] as const),
    ...[...allowed]
      .filter((name) => !reached.includes(name))
      .map((name) => [owner, `cannot reach ${name}, which manifest.ts says it does`] as const),
  ];
}

/** Only a service that others reach by its door is open to all. */
function doorProblems(
  { owner, labels }: Pod,
  policies: readonly Manifest[],
  services: readonly Service[],
): Problem[] {
  const { app: name } = releaseIn(nameOf(labels));
  const isDoor = services.some(({ reaches }) => reaches.includes(name));
  const isOpen = policies
    .map(specOf)
    .filter(({ podSelector }) => selects(podSelector, labels))
    .flatMap(({ ingress = [] }) => ingress)
    .some(({ from }) => !from);
  if (isDoor === isOpen) return [];
  return [[owner, isDoor ? 'is a door and lets nobody in' : 'is no door and lets everybody in']];
}

const isOnTheLog = ({ reads }: Service) => reads !== null;
