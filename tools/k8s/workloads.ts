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

/** The pods of a Deployment, a StatefulSet, a Job or a CronJob. */
export interface Pod {
  owner: Manifest;
  labels: Record<string, string>;
  spec: PodSpec;
}

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec: PodSpec;
}

interface Templated {
  template?: Template;
}

/** Runs to its end, and then is not started again. */
export const ends = ({ owner: { kind } }: Pod) => kind === 'Job' || kind === 'CronJob';

/** `feedback-v2` is release v2 of feedback; other names say no release. */
export function releaseIn(name: string): { app: string; release?: string } {
  const [, app = name, release] = /^(.*)-(v\d+)$/.exec(name) ?? [];
  return { app, release };
}

export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap((owner) => {
    const spec = owner.spec as
      | Partial<Templated & { jobTemplate: { spec: Templated } }>
      | undefined;
    const { template } = spec?.jobTemplate?.spec ?? spec ?? {};
    if (!template) return [];
    return [{ owner, labels: template.metadata?.labels ?? {}, spec: template.spec }];
  });
}

export function allContainersOf({ spec }: Pod): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

export const ofKind = (manifests: readonly Manifest[], ...kinds: string[]) =>
  manifests.filter(({ kind }) => kinds.includes(kind));

/** The pods' ports where an orchestrator asks for health by HTTP: there metrics are answered too. */
export function healthPortsOf({ spec }: Pod): { name?: string; containerPort: number }[] {
  return spec.containers.flatMap((container) => {
    const asked = ['startupProbe', 'readinessProbe', 'livenessProbe'].map(
      (probe) => (container[probe] as Probe | undefined)?.httpGet?.port,
    );
    return (container.ports ?? []).filter(
      ({ name, containerPort }) => asked.includes(name) || asked.includes(containerPort),
    );
  });
}

interface Probe {
  httpGet?: { port: string | number };
}

/** Does a selector of labels choose something with these? An empty one chooses everything. */
export function selects(
  selector: { matchLabels?: Record<string, string> } | undefined,
  labels: Record<string, string>,
): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(
    ([name, value]) => labels[name] === value,
  );
}
