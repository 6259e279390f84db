import type { Manifest } from './manifest.ts';
import { allContainersOf, ends } from './workloads.ts';
import type { Container, Pod } from './workloads.ts';

/** What is wrong, by the name of the rule. */
export type Rules<T> = Record<string, (subject: T) => string[]>;

/** Each pod may do as little as possible, and says what it needs. */
export const podRules: Rules<Pod> = {
  probes: (pod) =>
    ends(pod)
      ? []
      : pod.spec.containers.flatMap((container) =>
          ['startupProbe', 'readinessProbe', 'livenessProbe']
            .filter((probe) => !container[probe])
            .map((probe) => `${container.name} has no ${probe}`),
        ),
  resources: (pod) =>
    ofEach(pod, ({ resources }) =>
      (['requests', 'limits'] as const).flatMap((side) =>
        ['cpu', 'memory']
          .filter((what) => resources?.[side]?.[what] === undefined)
          .map((what) => `has no resources.${side}.${what}`),
      ),
    ),
  image: (pod) => ofEach(pod, imageProblems),
  user: ({ spec: { securityContext } }) =>
    securityContext?.runAsNonRoot === true && Number(securityContext.runAsUser) > 0
      ? []
      : ['needs securityContext.runAsNonRoot: true and a runAsUser other than 0'],
  seccomp: ({ spec: { securityContext } }) =>
    securityContext?.seccompProfile?.type === 'RuntimeDefault'
      ? []
      : ['needs securityContext.seccompProfile.type: RuntimeDefault'],
  container: (pod) => ofEach(pod, containerProblems),
  host: ({ spec }) => [
    ...['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => spec[field]).map(forbidden),
    ...(spec.volumes ?? []).filter((volume) => volume.hostPath).map(() => forbidden('hostPath')),
  ],
  token: ({ spec }) =>
    spec.automountServiceAccountToken === false
      ? []
      : ['needs automountServiceAccountToken: false'],
  links: ({ spec }) =>
    spec.enableServiceLinks === false ? [] : ['needs enableServiceLinks: false'],
};

function imageProblems({ image = '', imagePullPolicy }: Container): string[] {
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return [
    ...(tag === undefined || tag === 'latest' ? [`needs an image with a version: ${image}`] : []),
    ...(imagePullPolicy === 'IfNotPresent' ? [] : ['needs imagePullPolicy: IfNotPresent']),
  ];
}

function containerProblems({ securityContext = {} }: Container): string[] {
  const { capabilities } = securityContext;
  const wanted = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
  return [
    ...Object.entries(wanted)
      .filter(([field, value]) => securityContext[field] !== value)
      .map(([field, value]) => `needs securityContext.${field}: ${value}`),
    ...(securityContext.privileged ? [forbidden('privileged')] : []),
    ...(capabilities?.drop?.includes('ALL') && !capabilities.add
      ? []
      : ['needs securityContext.capabilities.drop: [ALL], and none added']),
  ];
}

/** Each service account, too, comes without a token. */
export function accountProblems(account: Manifest): string[] {
  return account.automountServiceAccountToken === false
    ? []
    : ['needs automountServiceAccountToken: false'];
}

const forbidden = (field: string) => `must not have ${field}`;

function ofEach(pod: Pod, problems: (container: Container) => string[]): string[] {
  return allContainersOf(pod).flatMap((container) =>
    problems(container).map((says) => `${container.name} ${says}`),
  );
}
