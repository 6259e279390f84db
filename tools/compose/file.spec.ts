import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { commonConfigOf, readConfig } from '#service/config';
import { ports, services } from '../../manifest.ts';
import type { Service } from '../../manifest.ts';
import { secretFiles } from '../start/given-secrets.ts';
import { applications, laterReleasesOf, parseRunning } from '../start/running.ts';
import { releasesOf } from '#contracts/releases';
import { byDefault, readComposeFile } from './file.ts';
import type { Container } from './file.ts';

const MOST_MEMORY_BYTES = 2.5e9;
const MEBIBYTE = 2 ** 20;
const PORT_OF_OTHERS = 8080;
const file = readComposeFile();
const all = Object.entries(file.services);
const containerOf = ({ name }: Service): Container => file.services[name] ?? { image: '' };
const settingsOf = (container: Container): Record<string, string> =>
  Object.fromEntries(
    Object.entries(container.environment ?? {}).map(([name, value]) => [
      name,
      byDefault(`${value}`),
    ]),
  );

/** Every service, and each later release of one beside the first. */
const runnables: { id: string; service: Service; release?: string }[] = services.flatMap(
  (service) => [
    { id: service.name, service },
    ...laterReleasesOf(service.name).map((release) => ({
      id: `${service.name}-${release}`,
      service,
      release,
    })),
  ],
);

describe.each(runnables)('$id in compose.yaml', ({ id, service, release }) => {
  const container = file.services[id] ?? { image: '' };
  const settings = settingsOf(container);

  it('runs from the one image, by its command, as nobody special', () => {
    expect(container).toMatchObject({
      image: file.services.init!.image,
      command: ['node', `dist/services/${service.name}.js`],
      read_only: true,
      cap_drop: ['ALL'],
    });
  });

  it('is the release of its name, which only a profile starts, once that is prepared', () => {
    expect(settings.RELEASE).toBe(release);
    expect(container.profiles).toEqual(release && [release]);
    const init = ['init', release].filter(Boolean).join('-');
    if (service.reads === null) return;
    expect(container.depends_on).toEqual({
      [init]: { condition: 'service_completed_successfully' },
    });
    expect(container.networks).toEqual(containerOf(service).networks);
  });

  it('listens where the manifest says, and its variable moves it', () => {
    const { port, portVariable } = service;
    expect(Number(settings.PORT ?? PORT_OF_OTHERS)).toBe(port ?? PORT_OF_OTHERS);
    const published = container.ports?.map((each) => each.replace(/^127\.0\.0\.1:/, '')) ?? [];
    expect(published).toEqual(port === null ? [] : [`\${${portVariable}:-${port}}:${port}`]);
  });

  it('has the database of its name, or none', () => {
    const secret = `${service.name}-database-url`;
    const uses = settings.DATABASE_URL_FILE === `/run/secrets/${secret}`;
    expect(uses).toBe(service.database);
    for (const user of ['postgres', 'init']) {
      expect(file.services[user]!.secrets!.includes(secret)).toBe(service.database);
    }
  });

  it('logs in at the broker by its own name, or not at all', () => {
    const { KAFKA_USERNAME: user, KAFKA_PASSWORD_FILE: password } = settings;
    const secret = `${service.name}-kafka-password`;
    const login = service.reads === null ? [] : [service.name, `/run/secrets/${secret}`];
    expect([user, password].filter(Boolean)).toEqual(login);
    const told = Object.keys(settings).some((name) => name.startsWith('KAFKA_'));
    expect(told).toBe(service.reads !== null);
    expect(file.services.init!.secrets!.includes(secret)).toBe(service.reads !== null);
  });

  it('has every setting that it needs, and its secrets by file', async () => {
    const { config } = (await import(`../../apps/${service.name}/src/config.ts`)) as {
      config: z.ZodObject;
    };
    const environment = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => {
        const secret = /^\/run\/secrets\/(.*)$/.exec(value)?.[1];
        // A file that the container is not given is one that cannot be read.
        const given = secret && container.secrets?.includes(secret);
        return [name, given ? byDefault(file.secrets[secret]!.file) : value];
      }),
    );
    const known = { PORT: `${PORT_OF_OTHERS}`, ...environment };
    expect(() => readConfig(commonConfigOf(service.name), config, known)).not.toThrow();
    const open = Object.keys(settings).filter((name) =>
      /(PASSWORD|SECRET|DATABASE_URL)$/.test(name),
    );
    expect(open).toEqual([]);
  });
});

const later = [...new Set(applications.flatMap(laterReleasesOf))];

test.each(later)(
  'init-%s prepares that release beside those before it, after the first init',
  (release) => {
    const { init, [`init-${release}`]: container } = file.services;
    const { RELEASES, ...rest } = settingsOf(container!);
    const until = (all: readonly string[]) => all.slice(0, all.indexOf(release) + 1);
    const wanted = applications.map((name) => [name, until(releasesOf[name])]);
    expect(parseRunning(RELEASES!)).toEqual(Object.fromEntries(wanted));
    expect(rest).toEqual(settingsOf(init!));
    expect(container).toMatchObject({
      command: init!.command,
      secrets: init!.secrets,
      networks: init!.networks,
      profiles: [release],
      depends_on: { init: { condition: 'service_completed_successfully' } },
    });
  },
);

test('versions may do what retiring takes: it administers the log and opens the databases', () => {
  const { init, versions } = file.services;
  const { NODE_OPTIONS: _, ...settings } = settingsOf(versions!);
  expect(settings).toEqual(settingsOf(init!));
  const urls = applications.map((name) => `${name}-database-url`);
  expect(secretFiles).toEqual(expect.arrayContaining(urls));
  expect(versions!.secrets!.toSorted()).toEqual(['admin-kafka-password', ...urls].toSorted());
  expect(versions!.networks).toEqual(init!.networks);
  expect(existsSync(versions!.entrypoint!.at(-1)!.replace(/^dist\/(.*)\.js$/, '$1.ts'))).toBe(true);
  // Nobody starts it together with others: it ends.
  expect([versions!.profiles, versions!.entrypoint![0]]).toEqual([['tools'], 'node']);
});

test('nothing runs under the name of a service that the manifest does not have', () => {
  const image = file.services.init!.image;
  const ours = all.filter(([, each]) => each.image === image && !each.profiles);
  const names = ours.map(([name]) => name).filter((name) => name !== 'init');
  expect(names.sort()).toEqual(services.map(({ name }) => name).sort());
});

test('a service shares a network with the servers, and with those it may reach, and nobody else', () => {
  const servers = new Set(['kafka', 'postgres']);
  const together = (a: Container, b: Container) =>
    (a.networks ?? []).some((network) => b.networks?.includes(network));
  for (const a of services) {
    for (const b of services) {
      if (a === b) continue;
      const may = a.reaches.includes(b.name) || b.reaches.includes(a.name);
      const pair = `${a.name} ${b.name}`;
      expect([pair, together(containerOf(a), containerOf(b))]).toEqual([pair, may]);
    }
    const onLog = a.reads !== null;
    for (const server of servers) {
      const needs = server === 'kafka' ? onLog : a.database;
      expect(together(containerOf(a), file.services[server]!)).toBe(needs);
    }
    expect(file.networks[a.name]).toEqual(onLog ? { internal: true } : undefined);
  }
});

test('the servers have the ports of the manifest', () => {
  expect(file.services.kafka!.ports).toEqual([
    `127.0.0.1:\${KAFKA_PORT:-${ports.kafka}}:${ports.kafka}`,
  ]);
  expect(file.services.postgres!.ports).toEqual([
    `127.0.0.1:\${POSTGRES_PORT:-${ports.postgres}}:5432`,
  ]);
});

test('every container has a limit, and together they fit into 2.5 GB', () => {
  const limits = all.map(([name, { mem_limit }]) => [name, /^(\d+)m$/.exec(mem_limit ?? '')?.[1]]);
  expect(limits.filter(([, limit]) => limit === undefined)).toEqual([]);
  const always = all.filter(([, { profiles }]) => !profiles).map(([name]) => name);
  const sum = limits
    .filter(([name]) => always.includes(name!))
    .reduce((total, [, limit]) => total + Number(limit), 0);
  expect(sum * MEBIBYTE).toBeLessThanOrEqual(MOST_MEMORY_BYTES);
});

test('every image is pinned', () => {
  const from = /^ARG NODE=(.*)$/m.exec(readFileSync('Dockerfile', 'utf8'))![1]!;
  for (const image of [from, ...all.map(([, each]) => each.image)]) {
    expect(image).toMatch(/:\d|:v\d/);
    expect(image).not.toMatch(/latest/);
  }
});

test('every secret has a development default that says so, and no other lies there', () => {
  const names = Object.keys(file.secrets).sort();
  expect(readdirSync('deploy/development-secrets').sort()).toEqual(names);
  for (const name of names) {
    const path = byDefault(file.secrets[name]!.file);
    expect(path).toBe(`./deploy/development-secrets/${name}`);
    expect(existsSync(path) && readFileSync(path, 'utf8')).toContain('development-only');
  }
});
