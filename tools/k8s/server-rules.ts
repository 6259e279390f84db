import type { Manifest } from './manifest.ts';
import { reachesLabel } from './manifest.ts';
import { KAFKA_ACCESS } from './pod.ts';
import { ofKind, podsOf, selects } from './workloads.ts';

type Problem = readonly [resource: Manifest | string, says: string];
interface Policy {
  podSelector: { matchLabels?: Record<string, string> };
  egress?: { to?: { ipBlock?: object }[] }[];
}

/** The broker and PostgreSQL are here, or whoever needs them may leave the cluster for them. */
export function serverProblems({ manifests }: { manifests: readonly Manifest[] }): Problem[] {
  return [
    ...(['kafka', 'postgres'] as const)
      .filter((server) => !serverIn(manifests, server))
      .flatMap((server) => waysOutMissing(server, manifests)),
    ...addressProblems(manifests),
  ];
}

const serverIn = (manifests: readonly Manifest[], server: string) =>
  ofKind(manifests, 'StatefulSet').find(({ metadata }) => metadata.name === server);

function waysOutMissing(server: 'kafka' | 'postgres', manifests: readonly Manifest[]): Problem[] {
  const label = reachesLabel(server);
  const ways = ofKind(manifests, 'NetworkPolicy')
    .map(({ spec }) => spec as Policy)
    .filter(({ podSelector }) => selects({ matchLabels: label }, podSelector.matchLabels ?? {}))
    .filter(({ egress = [] }) => egress.some(({ to = [] }) => to.some(({ ipBlock }) => ipBlock)));
  return podsOf(manifests)
    .filter(({ labels }) => selects({ matchLabels: label }, labels))
    .filter(({ labels }) => !ways.some(({ podSelector }) => selects(podSelector, labels)))
    .map(({ owner }) => [
      owner,
      `needs ${server}, which is not here: let the pods with ${Object.keys(label)} reach its ipBlock`,
    ]);
}

/** Our own brokers are named, all of them; where others are is nobody's business who reads this. */
function addressProblems(manifests: readonly Manifest[]): Problem[] {
  const secret = ofKind(manifests, 'Secret').find(({ metadata }) =>
    new RegExp(`^${KAFKA_ACCESS}(-[a-z0-9]{10})?$`).test(metadata.name),
  );
  const kafka = serverIn(manifests, 'kafka');
  if (!kafka) {
    if (!secret) return [];
    return [[secret, 'must not be here, as the brokers are not: who applies this makes it']];
  }
  if (!secret) return [[`Secret ${KAFKA_ACCESS}`, 'is missing, and the brokers are here']];
  const { replicas } = kafka.spec as { replicas: number };
  const all = Array.from({ length: replicas }, (_, i) => `kafka-${i}.kafka:9092`).join(',');
  return textOf(secret, 'KAFKA_BROKERS') === all
    ? []
    : [[secret, `needs KAFKA_BROKERS: ${all}, which are the brokers here`]];
}

function textOf({ data, stringData }: Manifest, key: string): string | undefined {
  const encoded = (data as Record<string, string> | undefined)?.[key];
  if (encoded !== undefined) return Buffer.from(encoded, 'base64').toString();
  return (stringData as Record<string, string> | undefined)?.[key];
}
