import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { serviceConfig } from '#service/config';
import { services } from '../../manifest.ts';
import { generatedFiles } from './base.ts';
import { overlays, parse, sources } from './build.ts';
import type { Manifest } from './manifest.ts';
import { Schemas } from './schemas.ts';
import { podsOf } from './workloads.ts';

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
    expect(overlays()).toEqual(['local', 'production']);
  });

  it("are what Kubernetes' schemas allow", () => {
    const schemas = new Schemas();
    const whole = [...new Set(sources().values())].filter((file) => !isPatch(file)).flatMap(read);
    expect(whole.length).toBeGreaterThan(40);
    expect(whole.flatMap((each) => schemas.problemsOf(each))).toEqual([]);
  });
});

describe.each(services)('the Deployment of $name', ({ name, port }) => {
  const [pod] = podsOf(read(`k8s/base/${name}.yaml`));
  const env = (pod!.spec.containers[0]!.env ?? []).map((each) => each.name.replace(/_FILE$/, ''));
  const shared = keysOf('k8s/base/settings.env');

  it('has every setting that its code wants, and none that it does not know', async () => {
    const { config } = (await import(`../../apps/${name}/src/config.ts`)) as {
      config: z.ZodObject;
    };
    const shape = { ...serviceConfig.shape, ...config.shape } as Record<string, z.ZodType>;
    const wanted = Object.keys(shape).filter((key) => !shape[key]!.safeParse(undefined).success);
    expect([...env, ...shared]).toEqual(expect.arrayContaining(wanted));
    expect(Object.keys(shape)).toEqual(expect.arrayContaining(env));
  });

  it('listens where the manifest says', () => {
    const container = pod!.spec.containers[0]!;
    expect(container.ports?.[0]?.containerPort).toBe(port ?? 8080);
    expect(container.env).toContainEqual({ name: 'PORT', value: `${port ?? 8080}` });
  });
});

it('the local overlay has a password for whatever a pod reads', () => {
  const [job] = podsOf(parse(files.get('k8s/base/prepare.yaml')!, 'prepare.yaml'));
  const wanted = job!.spec.volumes!.flatMap(({ secret }) =>
    ((secret as { items?: { key: string }[] })?.items ?? []).map(({ key }) => key),
  );
  const given = keysOf('k8s/overlays/local/development-passwords.env');
  expect(given).toEqual(expect.arrayContaining([...wanted, 'deliveries-secret']));
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

function keysOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => /^[^#]+=/.test(line)).map((line) => line.split('=')[0]!);
}

/** A patch is no whole object. */
function isPatch(file: string): boolean {
  return /(three-brokers|spread)\.yaml$|kustomization\.yaml$/.test(file);
}
