import { stringify } from 'yaml';

/** One Kubernetes object. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; [field: string]: unknown };
  [field: string]: unknown;
}

/** The labels by which everything of Streamside is found: one name for each service. */
export function labelsOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'streamside' };
}

export const selectorOf = (name: string) => ({ 'app.kubernetes.io/name': name });

/** On pods that may open a connection to the broker, or to PostgreSQL. */
export const reachesLabel = (server: 'kafka' | 'postgres') => ({
  [`streamside/reaches-${server}`]: 'true',
});

/** The policy of these pods: whom they let in, and which ports of which pods they reach. */
export function policyFor(
  name: string,
  ingress: readonly object[],
  reaches: readonly (readonly [pod: string, port: number | string])[],
): Manifest {
  const egress = reaches.map(([pod, port]) => ({
    to: [{ podSelector: { matchLabels: selectorOf(pod) } }],
    ports: [{ port }],
  }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels: labelsOf(name) },
    spec: {
      podSelector: { matchLabels: selectorOf(name) },
      policyTypes: ['Ingress', 'Egress'],
      // Nobody is no list: an empty one is not kept, and each apply would change the policy anew.
      ...(ingress.length > 0 && { ingress }),
      ...(egress.length > 0 && { egress }),
    },
  };
}

/** Who the pods are to Kubernetes: nobody, as they never ask it anything. */
export const accountOf = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, labels: labelsOf(name) },
  automountServiceAccountToken: false,
});

/** The text of a file with these objects, under a comment. */
export function fileOf(comment: string, manifests: readonly object[]): string {
  const documents = manifests.map((manifest) =>
    stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0, singleQuote: true }),
  );
  return `# ${comment}\n${documents.join('---\n')}`;
}
