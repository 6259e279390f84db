import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { PARTITIONS } from '#contracts/contract';
import { services } from '../../manifest.ts';
import { generatedFiles } from './base.ts';
import { parse } from './build.ts';
import type { Manifest } from './manifest.ts';
import { review } from './rules.ts';

const apps = services.map(({ name }) => name);
const configMap: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'streamside' },
};
const accessTo = (brokers: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'kafka-access', namespace: 'streamside' },
  stringData: { KAFKA_BROKERS: brokers },
});
const three: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'kafka', namespace: 'streamside' },
  spec: { replicas: 3 },
};

/** What an overlay would apply, as far as it can be had without kustomize. */
function readSystem(): Manifest[] {
  const texts = [
    ...generatedFiles('1.2.3').values(),
    readFileSync('k8s/base/policies.yaml', 'utf8'),
    readFileSync('k8s/base/namespace.yaml', 'utf8'),
    readFileSync('k8s/overlays/external-kafka/outside.yaml', 'utf8'),
  ];
  const manifests = [...texts.flatMap((text) => parse(text, 'a file')), structuredClone(configMap)];
  for (const { kind, metadata } of manifests) {
    if (kind !== 'Namespace') metadata.namespace = 'streamside';
  }
  return manifests;
}

const asWritten = readSystem();
/** One to change. */
const system = (): Manifest[] => structuredClone(asWritten);

// Tests reach deep into objects that the rules themselves see as unknown.
type Deep = any; // oxlint-disable-line typescript/no-explicit-any
type Change = (find: (kind: string, name: string) => Deep, all: Manifest[]) => void;

const without = (all: Manifest[], kind: string, name: string) =>
  all.splice(
    all.findIndex((each) => each.kind === kind && each.metadata.name === name),
    1,
  );
const pod = (deployment: Deep) => deployment.spec.template.spec;
const shop = (find: Parameters<Change>[0]) => find('Deployment', 'shop');
const container = (find: Parameters<Change>[0]) => pod(shop(find)).containers[0];
const remove = ({ env }: Deep, name: string) =>
  env.splice(
    env.findIndex((each: Deep) => each.name === name),
    1,
  );

const broken: [rule: string, says: RegExp, change: Change][] = [
  ['probes', /shop has no livenessProbe/, (find) => delete container(find).livenessProbe],
  [
    'resources',
    /no resources.limits.memory/,
    (find) => delete container(find).resources.limits.memory,
  ],
  [
    'image',
    /a version: streamside:latest/,
    (find) => (container(find).image = 'streamside:latest'),
  ],
  ['image', /a version: streamside$/, (find) => (container(find).image = 'streamside')],
  ['image', /IfNotPresent/, (find) => (container(find).imagePullPolicy = 'Always')],
  ['user', /runAsNonRoot/, (find) => (pod(shop(find)).securityContext.runAsUser = 0)],
  ['seccomp', /RuntimeDefault/, (find) => delete pod(shop(find)).securityContext.seccompProfile],
  [
    'container',
    /readOnlyRoot/,
    (find) => (container(find).securityContext.readOnlyRootFilesystem = false),
  ],
  ['container', /privileged/, (find) => (container(find).securityContext.privileged = true)],
  ['container', /drop/, (find) => (container(find).securityContext.capabilities.add = ['NET_RAW'])],
  ['host', /hostNetwork/, (find) => (pod(shop(find)).hostNetwork = true)],
  ['token', /automount/, (find) => delete pod(shop(find)).automountServiceAccountToken],
  [
    'token',
    /automount/,
    (find) => delete find('ServiceAccount', 'shop').automountServiceAccountToken,
  ],
  ['links', /enableServiceLinks/, (find) => delete pod(shop(find)).enableServiceLinks],
  ['network', /allows nothing/, (_, all) => without(all, 'NetworkPolicy', 'nobody')],
  ['network', /policy of its own/i, (_, all) => without(all, 'NetworkPolicy', 'feedback')],
  ['network', /cannot reach kafka/, (find) => find('NetworkPolicy', 'shop').spec.egress.shift()],
  [
    'network',
    /may reach inventory/,
    (find) => {
      const to = [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'inventory' } } }];
      find('NetworkPolicy', 'shop').spec.egress.push({ to });
    },
  ],
  [
    'network',
    /may reach namespace default/,
    (find) => {
      const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'default' } };
      find('NetworkPolicy', 'shop').spec.egress.push({ to: [{ namespaceSelector }] });
    },
  ],
  ['network', /may reach \*/, (find) => find('NetworkPolicy', 'shop').spec.egress.push({})],
  [
    'network',
    /lets everybody in/,
    (find) => (find('NetworkPolicy', 'ordering').spec.ingress = [{}]),
  ],
  ['network', /lets nobody in/, (find) => (find('NetworkPolicy', 'shop').spec.ingress = [])],
  ['apps', /apps\/shop is there/, (_, all) => without(all, 'Deployment', 'shop')],
  ['apps', /no folder/, (find) => (shop(find).metadata.name = 'shopp')],
  ['apps', /no folder/, (find) => (find('Deployment', 'feedback-v2').metadata.name = 'feedbag-v2')],
  [
    'releases',
    /feedback-v2 needs RELEASE: v2/,
    (find) => remove(pod(find('Deployment', 'feedback-v2')).containers[0], 'RELEASE'),
  ],
  [
    'releases',
    /prepared needs RELEASE: v2/,
    (find) => remove(pod(find('Deployment', 'feedback-v2')).initContainers[0], 'RELEASE'),
  ],
  [
    'releases',
    /shop must not say RELEASE/,
    (find) => container(find).env.push({ name: 'RELEASE', value: 'v2' }),
  ],
  [
    'releases',
    /needs a Job whose RELEASES names v2 of feedback/,
    (find) => remove(pod(find('Job', 'prepare-v2-1-2-3')).containers[0], 'RELEASES'),
  ],
  [
    'network',
    /cannot reach kafka/,
    (find) => find('NetworkPolicy', 'feedback-v2').spec.egress.shift(),
  ],
  ['network', /policy of its own/i, (_, all) => without(all, 'NetworkPolicy', 'versions')],
  [
    'rolling',
    /maxUnavailable: 0/,
    (find) => delete find('Deployment', 'feedback-v2').spec.strategy,
  ],
  [
    'scaling',
    /PodDisruptionBudget/,
    (_, all) => without(all, 'PodDisruptionBudget', 'feedback-v2'),
  ],
  ['namespace', /must be in/, (find) => delete shop(find).metadata.namespace],
  ['accounts', /serviceAccountName/, (find) => delete pod(shop(find)).serviceAccountName],
  [
    'rolling',
    /maxUnavailable: 0/,
    (find) => (shop(find).spec.strategy.rollingUpdate.maxUnavailable = 1),
  ],
  ['rolling', /Recreate/, (find) => delete find('Deployment', 'simulator').spec.strategy],
  ['grace', /14 or more/, (find) => (pod(shop(find)).terminationGracePeriodSeconds = 10)],
  ['ports', /needs port 4000/, (find) => (find('Service', 'shop').spec.ports[0].port = 80)],
  ['ports', /is missing/, (_, all) => without(all, 'Service', 'shop')],
  [
    'targets',
    /points at port web/,
    (find) => (find('Service', 'shop').spec.ports[0].targetPort = 'web'),
  ],
  [
    'health',
    /leads to port health/,
    (find) => (find('Service', 'shop').spec.ports[0].targetPort = 'health'),
  ],
  [
    'health',
    /leads to port http/,
    (find) => (container(find).readinessProbe.httpGet.port = 'http'),
  ],
  [
    'health',
    /lets everybody in where health/,
    (find) => find('NetworkPolicy', 'collector').spec.ingress.push({}),
  ],
  [
    'health',
    /needs HEALTH_PORT: 8080/,
    (find) => (container(find).env = container(find).env.slice(0, 1)),
  ],
  ['selectors', /own pods carry/, (find) => (shop(find).spec.selector.matchLabels.more = 'x')],
  ['references', /ConfigMap streamside/, (_, all) => without(all, 'ConfigMap', 'streamside')],
  [
    'references',
    /KAFKA_ADMIN_USERNAME in the Secret kafka-access/,
    (_, all) => all.push(accessTo('kafka-0.kafka:9092')),
  ],
  [
    'servers',
    /needs kafka, which is not here: .*reaches-kafka/,
    (_, all) => without(all, 'NetworkPolicy', 'outside-kafka'),
  ],
  [
    'servers',
    /needs postgres, which is not here/,
    (find) => (find('NetworkPolicy', 'outside-postgres').spec.egress = []),
  ],
  ['servers', /must not be here/, (_, all) => all.push(accessTo('broker.example.com:9093'))],
  ['servers', /is missing, and the brokers are here/, (_, all) => all.push(three)],
  [
    'servers',
    /kafka-0.kafka:9092,kafka-1.kafka:9092,kafka-2/,
    (_, all) => all.push(three, accessTo('kafka-0.kafka:9092')),
  ],
  [
    'scaling',
    /one a partition/,
    (find) => (find('HorizontalPodAutoscaler', 'shop').spec.maxReplicas = 99),
  ],
  [
    'scaling',
    /minReplicas/,
    (find) => (find('HorizontalPodAutoscaler', 'shop').spec.minReplicas = 1),
  ],
  ['scaling', /must not say replicas/, (find) => (shop(find).spec.replicas = 3)],
  ['scaling', /PodDisruptionBudget/, (_, all) => without(all, 'PodDisruptionBudget', 'shop')],
];

describe('our rules', () => {
  it('are kept', () => {
    expect(reviewed(system())).toEqual([]);
  });

  it.each(broken)('%s: %s', (rule, says, change) => {
    const all = system();
    change(
      (kind, name) => all.find((each) => each.kind === kind && each.metadata.name === name),
      all,
    );
    expect(reviewed(all)).toContainEqual(
      expect.objectContaining({ rule, says: expect.stringMatching(says) }),
    );
  });
});

const reviewed = (manifests: Manifest[]) =>
  review({ manifests, services, apps, partitions: PARTITIONS });
