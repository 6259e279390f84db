import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { commonConfigOf } from '#service/config';
import { services } from '../../manifest.ts';
import { applications, laterReleasesOf } from '../start/running.ts';
import { generatedFiles } from './base.ts';
import { overlays, parse, sources } from './build.ts';
import type { Manifest } from './manifest.ts';
import { KAFKA_ACCESS } from './pod.ts';
import { Schemas } from './schemas.ts';
import { allContainersOf, ofKind, podsOf } from './workloads.ts';
import type { Pod } from './workloads.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const files = generatedFiles(version);
const read = (file: string) => parse(readFileSync(file, 'utf8'), file);

describe('the committed manifests', () => {
  it.each([...files])('%s is what the manifest says (else: npm run k8s)', (file, text) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('name every file of a service in base, and every overlay', () => {
    const [base] = read('k8s/base/kustomization.yaml') as unknown as [{ resources: string[] }];
    for (const { name } of services) expect(base.resources).toContain(`${name}.yaml`);
    expect(overlays()).toEqual([
      'external-kafka',
      'local',
      'local-v2',
      'production',
      'production-v2',
    ]);
  });

  it("are what Kubernetes' schemas allow", () => {
    const schemas = new Schemas();
    const whole = [...new Set(sources().values())].filter((file) => !isPatch(file)).flatMap(read);
    expect(whole.length).toBeGreaterThan(40);
    expect(whole.flatMap((each) => schemas.problemsOf(each))).toEqual([]);
  });
});

/** Every service, and each later release of one beside the first. */
const deployed = services.flatMap(({ name, ...service }) =>
  [undefined, ...laterReleasesOf(name)].map((release) => ({
    ...service,
    name,
    release,
    id: release ? `${name}-${release}` : name,
  })),
);

describe.each(deployed)('the Deployment of $id', ({ name, port, reads, release, id }) => {
  const file = release ? `k8s/${release}/services.yaml` : `k8s/base/${name}.yaml`;
  const pod = podsOf(read(file)).find(({ owner }) => owner.metadata.name === id);
  const env = (pod!.spec.containers[0]!.env ?? []).map((each) => each.name.replace(/_FILE$/, ''));
  const access = pod!.spec.containers[0]!.envFrom!.some(
    ({ secretRef }) => secretRef?.name === KAFKA_ACCESS,
  );
  const shared = [
    ...keysOf('k8s/base/settings.env'),
    ...(access ? keysOf('k8s/kafka/access.env') : []),
  ];

  it('is told where the log is, if it is on the log', () => {
    expect(access).toBe(reads !== null);
    expect(env.some((each) => each.startsWith('KAFKA_'))).toBe(reads !== null);
  });

  it('has every setting that its code wants, and none that it does not know', async () => {
    const { config } = (await import(`../../apps/${name}/src/config.ts`)) as {
      config: z.ZodObject;
    };
    const shape = { ...commonConfigOf(name).shape, ...config.shape } as Record<string, z.ZodType>;
    const wanted = Object.keys(shape).filter((key) => !shape[key]!.safeParse(undefined).success);
    expect([...env, ...shared]).toEqual(expect.arrayContaining(wanted));
    expect(Object.keys(shape)).toEqual(expect.arrayContaining(env));
  });

  it('is the release of its name, from its start and before it', () => {
    const said = allContainersOf(pod!).map(({ env: all = [] }) =>
      all.find((each) => each.name === 'RELEASE'),
    );
    for (const each of said) expect(each?.value).toBe(release);
    expect(pod!.spec.containers[0]!.command).toEqual(['node', `dist/services/${name}.js`]);
  });

  it('listens where the manifest says', () => {
    const container = pod!.spec.containers[0]!;
    const ports = container.ports?.map((each) => each.containerPort);
    expect(ports).toEqual(port === null ? [8080] : [port, 8080]);
    expect(container.env).toContainEqual({ name: 'PORT', value: `${port ?? 8080}` });
  });
});

it('the local overlay has a password for whatever a pod reads', () => {
  const wanted = [...files.keys()].flatMap((file) => podsOf(read(file))).flatMap(keysRead);
  const given = keysOf('k8s/overlays/local/development-passwords.env');
  expect(wanted).toContain('deliveries-secret');
  expect(given).toEqual(expect.arrayContaining(wanted));
});

it('versions opens the databases of what can be retired, and no other', () => {
  const [pod] = podsOf(read('k8s/v2/versions.yaml'));
  const urls = applications.map((name) => `${name}-database-url`);
  expect(keysRead(pod!).toSorted()).toEqual(['admin-kafka-password', ...urls].toSorted());
});

it('versions waits for the servers first, and runs what VERSIONS says, where nothing is said yet', () => {
  const [pod] = podsOf(read('k8s/v2/versions.yaml'));
  const text = JSON.stringify(pod!.spec);
  expect(text).toContain('"dist/services/prepared.js","--servers"');
  expect(text).toContain('${VERSIONS:-list}');
  expect(text).not.toContain('"name":"VERSIONS"');
});

it('a policy has no empty list: Kubernetes would not keep it, and every apply would be a change', () => {
  const policies = [...files.keys()].flatMap((file) => ofKind(read(file), 'NetworkPolicy'));
  expect(policies.length).toBeGreaterThan(10);
  for (const policy of policies) expect(JSON.stringify(policy)).not.toContain('[]');
});

it('PostgreSQL makes a database for each service that has one', () => {
  const [pod] = podsOf(read('k8s/postgres/postgres.yaml'));
  const text = JSON.stringify(pod!.spec.volumes);
  const names = services.filter(({ database }) => database).map(({ name }) => name);
  for (const name of names) expect(text).toContain(`"${name}-database-url"`);
});

it('every folder of apps/ is in the manifest', () => {
  const names = services.map(({ name }) => name).toSorted();
  expect(readdirSync('apps').toSorted()).toEqual(names);
});

it('a field that Kubernetes does not know is refused, by its place', () => {
  const wrong: Manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop' },
    spec: { port: [] },
  };
  expect(new Schemas().problemsOf(wrong)).toEqual(['spec has the unknown field port']);
});

/** Keys of the Secret `streamside`. */
function keysRead({ spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ secret }) =>
    ((secret as { items?: { key: string }[] })?.items ?? []).map(({ key }) => key),
  );
}

function keysOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => /^[^#]+=/.test(line)).map((line) => line.split('=')[0]!);
}

/** A patch is no whole object. */
function isPatch(file: string): boolean {
  return /(three-brokers|spread)\.yaml$|kustomization\.yaml$/.test(file);
}
