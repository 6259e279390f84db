import type { Manifest } from './manifest.ts';

export interface Container {
  name: string;
  image?: string;
  imagePullPolicy?: string;
  env?: {
    name: string;
    value?: string;
    valueFrom?: Record<string, { name: string; key: string }>;
  }[];
  envFrom?: Record<string, { name: string }>[];
  ports?: { name?: string; containerPort: number }[];
  resources?: Record<'requests' | 'limits', Record<string, unknown> | undefined>;
  securityContext?: Record<string, unknown> & { capabilities?: Record<string, string[]> };
  [field: string]: unknown;
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string; [source: string]: unknown }[];
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
  securityContext?: Record<string, unknown> & { seccompProfile?: { type?: string } };
  [field: string]: unknown;
}

/** The pods of a Deployment, a StatefulSet or a Job. */
export interface Pod {
  owner: Manifest;
  labels: Record<string, string>;
  spec: PodSpec;
}

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec: PodSpec;
}

export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap((owner) => {
    const template = (owner.spec as { template?: Template } | undefined)?.template;
    if (!template) return [];
    return [{ owner, labels: template.metadata?.labels ?? {}, spec: template.spec }];
  });
}

export function allContainersOf({ spec }: Pod): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

export const ofKind = (manifests: readonly Manifest[], ...kinds: string[]) =>
  manifests.filter(({ kind }) => kinds.includes(kind));

/** Does a selector of labels choose something with these? An empty one chooses everything. */
export function selects(
  selector: { matchLabels?: Record<string, string> } | undefined,
  labels: Record<string, string>,
): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(
    ([name, value]) => labels[name] === value,
  );
}
