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

/** The text of a file with these objects, under a comment. */
export function fileOf(comment: string, manifests: readonly object[]): string {
  const documents = manifests.map((manifest) =>
    stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0, singleQuote: true }),
  );
  return `# ${comment}\n${documents.join('---\n')}`;
}
