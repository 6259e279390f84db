/** What every pod of ours has in common: it may do as little as possible. */

/** The image's user. */
const USER = 1000;

export interface Secrets {
  /** Keys of the Secret `streamside`, each a file of that name in /run/secrets. */
  readonly keys: readonly string[];
}

export const SECRETS_DIR = '/run/secrets';

/** A pod's spec without its containers. Volumes: a writable /tmp, and the secrets it needs. */
export function podOf(serviceAccountName: string, { keys }: Secrets) {
  const items = keys.map((key) => ({ key, path: key }));
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    // Kubernetes would set KAFKA_PORT and the like, for every Service there is.
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: [
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ...(items.length > 0
        ? [{ name: 'secrets', secret: { secretName: 'streamside', items } }]
        : []),
    ],
  };
}

/** A container of the one image, without what it runs. */
export function containerOf(name: string, version: string, { keys }: Secrets) {
  return {
    name,
    image: `streamside:${version}`,
    imagePullPolicy: 'IfNotPresent',
    resources: {
      requests: { cpu: '50m', memory: '160Mi' },
      // A full heap is 152 MB, and the shop has 70 beside it: code, buffers, what the kernel counts.
      limits: { cpu: '1', memory: '256Mi' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      ...(keys.length > 0 ? [{ name: 'secrets', mountPath: SECRETS_DIR, readOnly: true }] : []),
    ],
  };
}

/** The Secret that says where the brokers are and who administers them: our own, or others. */
export const KAFKA_ACCESS = 'kafka-access';

/** Whose keys are environment variables of a container; who is not on the log is not told of it. */
export const settings = (onTheLog: boolean) => [
  { configMapRef: { name: 'streamside' } },
  ...(onTheLog ? [{ secretRef: { name: KAFKA_ACCESS } }] : []),
];

/** A setting that the service reads from a file. */
export const fromFile = (setting: string, key: string) => ({
  name: `${setting}_FILE`,
  value: `${SECRETS_DIR}/${key}`,
});
