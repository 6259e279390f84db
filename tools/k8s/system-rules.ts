import type { Service } from '../../manifest.ts';
import { healthProblems } from './health-rules.ts';
import type { Manifest } from './manifest.ts';
import { releaseProblems } from './release-rules.ts';
import { serverProblems } from './server-rules.ts';
import { allContainersOf, ends, ofKind, podsOf, releaseIn, selects } from './workloads.ts';
import type { Pod } from './workloads.ts';

/** What an overlay would apply, beside what there is in the repository. */
export interface System {
  manifests: readonly Manifest[];
  /** The rows of manifest.ts. */
  services: readonly Service[];
  /** The folders of apps/. */
  apps: readonly string[];
  /** Most replicas that have work. */
  partitions: number;
}
type Problem = readonly [resource: Manifest | string, says: string];

/** How long a process may take to stop (libs/service/run.ts), seconds. */
const STOP_SECONDS = 8;

/** What must hold between the objects of an overlay. */
export const systemRules: Record<string, (system: System) => Problem[]> = {
  apps({ manifests, apps }) {
    const there = ofKind(manifests, 'Deployment');
    const names = there.map(({ metadata }) => metadata.name);
    return [
      ...apps
        .filter((app) => !names.includes(app))
        .map((app) => [`Deployment ${app}`, `is missing, and apps/${app} is there`] as const),
      ...there
        .filter(({ metadata }) => !apps.includes(releaseIn(metadata.name).app))
        .map((each) => [each, `has no folder in apps`] as const),
    ];
  },
  namespace({ manifests }) {
    const [namespace] = ofKind(manifests, 'Namespace');
    if (!namespace) return [['Namespace', 'is missing']];
    return manifests
      .filter((each) => each !== namespace && each.metadata.namespace !== namespace.metadata.name)
      .map((each) => [each, `must be in the namespace ${namespace.metadata.name}`]);
  },
  accounts({ manifests }) {
    const names = ofKind(manifests, 'ServiceAccount').map(({ metadata }) => metadata.name);
    return podsOf(manifests)
      .filter(({ spec }) => !names.includes(spec.serviceAccountName ?? ''))
      .map(({ owner }) => [owner, 'needs a serviceAccountName that is declared here']);
  },
  /** A new pod is ready before an old one goes; one that may run only once goes first. */
  rolling({ manifests, services }) {
    return deployments(manifests, services)
      .filter(({ strategy, service }) => {
        if (!service.replicas) return strategy?.type !== 'Recreate';
        return strategy?.rollingUpdate?.maxUnavailable !== 0;
      })
      .map(({ deployment, service }) => [
        deployment,
        service.replicas
          ? 'needs strategy.rollingUpdate.maxUnavailable: 0'
          : 'needs strategy.type: Recreate, as manifest.ts says that it runs once',
      ]);
  },
  grace({ manifests }) {
    return podsOf(manifests)
      .filter(({ owner }) => owner.kind === 'Deployment')
      .flatMap(({ owner, spec }) => {
        const drain = spec.containers[0]?.env?.find(({ name }) => name === 'DRAIN_SECONDS');
        const least = Number(drain?.value ?? 0) + STOP_SECONDS + 1;
        const enough = (spec.terminationGracePeriodSeconds ?? 0) >= least;
        return enough ? [] : [[owner, `needs terminationGracePeriodSeconds of ${least} or more`]];
      });
  },
  /** Who has a port for people has it here too, and who finishes requests is told how long. */
  ports({ manifests, services }) {
    const doors = ofKind(manifests, 'Service');
    return services.flatMap(({ name, port }): Problem[] => {
      if (port === null) return [];
      const door = doors.find(({ metadata }) => metadata.name === name);
      if (!door) return [[`Service ${name}`, `is missing: manifest.ts says port ${port}`]];
      const { ports } = door.spec as { ports: { port: number }[] };
      return ports[0]?.port === port ? [] : [[door, `needs port ${port}, as in manifest.ts`]];
    });
  },
  targets({ manifests }) {
    const pods = podsOf(manifests);
    return ofKind(manifests, 'Service').flatMap((service): Problem[] => {
      const { selector, ports } = service.spec as {
        selector: Record<string, string>;
        ports: { targetPort?: string | number; port: number }[];
      };
      const pod = pods.find(({ labels }) => selects({ matchLabels: selector }, labels));
      if (!pod) return [[service, 'selects no pod']];
      const open = pod.spec.containers.flatMap((container) => container.ports ?? []);
      return ports
        .map(({ targetPort, port }) => targetPort ?? port)
        .filter(
          (to) => !open.some(({ name, containerPort }) => to === name || to === containerPort),
        )
        .map((to) => [service, `points at port ${to}, which its pods do not have`]);
    });
  },
  health: healthProblems,
  releases: releaseProblems,
  servers: serverProblems,
  selectors({ manifests }) {
    return podsOf(manifests)
      .filter((pod) => !ends(pod))
      .filter(({ owner, labels }) => {
        const { selector } = owner.spec as { selector?: { matchLabels?: Record<string, string> } };
        return !selector?.matchLabels || !selects(selector, labels);
      })
      .map(({ owner }) => [owner, 'needs a selector.matchLabels that its own pods carry']);
  },
  references({ manifests }) {
    return podsOf(manifests).flatMap((pod) =>
      [...new Set(referencesOf(pod).flatMap((each) => missing(each, manifests)))].map(
        (says) => [pod.owner, says] as const,
      ),
    );
  },
  /** What may run more than once is not drained away all at once, nor scaled beyond its work. */
  scaling({ manifests, partitions }) {
    const budgets = ofKind(manifests, 'PodDisruptionBudget');
    return ofKind(manifests, 'HorizontalPodAutoscaler').flatMap((scaler): Problem[] => {
      const { scaleTargetRef, minReplicas, maxReplicas } = scaler.spec as {
        scaleTargetRef: { name: string };
        minReplicas: number;
        maxReplicas: number;
      };
      const pod = podsOf(manifests).find(
        ({ owner }) => owner.metadata.name === scaleTargetRef.name,
      );
      if (!pod) return [[scaler, `scales ${scaleTargetRef.name}, which is not there`]];
      const problems: Problem[] = [];
      if (minReplicas < 2) problems.push([scaler, 'needs minReplicas of 2 or more']);
      if (maxReplicas > partitions) {
        problems.push([scaler, `needs maxReplicas of ${partitions} or less, one a partition`]);
      }
      if ((pod.owner.spec as { replicas?: number }).replicas !== undefined) {
        problems.push([pod.owner, 'must not say replicas: its autoscaler does']);
      }
      const hasBudget = budgets.some(({ spec }) =>
        selects(
          (spec as { selector: { matchLabels: Record<string, string> } }).selector,
          pod.labels,
        ),
      );
      if (!hasBudget) problems.push([pod.owner, 'needs a PodDisruptionBudget']);
      return problems;
    });
  },
};

interface Strategy {
  type?: string;
  rollingUpdate?: { maxUnavailable?: number | string };
}

function deployments(manifests: readonly Manifest[], services: readonly Service[]) {
  return ofKind(manifests, 'Deployment').flatMap((deployment) => {
    const { app } = releaseIn(deployment.metadata.name);
    const service = services.find(({ name }) => name === app);
    if (!service) return [];
    const { strategy } = deployment.spec as { strategy?: Strategy };
    return [{ deployment, service, strategy }];
  });
}

interface Reference {
  kind: 'ConfigMap' | 'Secret';
  name: string;
  keys: readonly string[];
}

function referencesOf(pod: Pod): Reference[] {
  const ofContainers = allContainersOf(pod).flatMap(({ env = [], envFrom = [] }) => [
    ...envFrom.flatMap(({ configMapRef, secretRef }): Reference[] => {
      if (configMapRef) return [{ kind: 'ConfigMap', name: configMapRef.name, keys: [] }];
      return secretRef ? [{ kind: 'Secret', name: secretRef.name, keys: [] }] : [];
    }),
    ...env.flatMap(({ valueFrom: { configMapKeyRef, secretKeyRef } = {} }): Reference[] => {
      if (configMapKeyRef) {
        return [{ kind: 'ConfigMap', name: configMapKeyRef.name, keys: [configMapKeyRef.key] }];
      }
      return secretKeyRef
        ? [{ kind: 'Secret', name: secretKeyRef.name, keys: [secretKeyRef.key] }]
        : [];
    }),
  ]);
  const ofVolumes = (pod.spec.volumes ?? []).flatMap((volume): Reference[] => {
    const { secret, configMap } = volume as {
      secret?: { secretName: string; items?: { key: string }[] };
      configMap?: { name: string };
    };
    const keys = (secret?.items ?? []).map(({ key }) => key);
    if (secret) return [{ kind: 'Secret', name: secret.secretName, keys }];
    return configMap ? [{ kind: 'ConfigMap', name: configMap.name, keys: [] }] : [];
  });
  return [...ofContainers, ...ofVolumes];
}

/** A Secret that no overlay has is somebody's to make; one that it has must have every key. */
function missing({ kind, name, keys }: Reference, manifests: readonly Manifest[]): string[] {
  const found = ofKind(manifests, kind).find(({ metadata }) => metadata.name === name);
  if (!found) return kind === 'Secret' ? [] : [`needs the ConfigMap ${name}, which is not there`];
  const data = { ...(found.data as object), ...(found.stringData as object) };
  return keys
    .filter((key) => !(key in data))
    .map((key) => `needs ${key} in the ${kind} ${name.replace(/-[a-z0-9]{10}$/, '')}`);
}
