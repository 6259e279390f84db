import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, register } from 'prom-client';
import '#log/metrics';
import '#service/request-metrics';
import { services } from '../../manifest.ts';
import { laterReleasesOf } from '../start/running.ts';
import { readComposeFile } from './file.ts';
import { alerts, labelsIn, metricsIn, panels, scrapes } from './questions.ts';

const PORT_OF_OTHERS = 8080;
collectDefaultMetrics();
afterAll(() => register.clear());

it('Prometheus reads every service, and shares a network with it', () => {
  const later = (name: string) => laterReleasesOf(name).map((release) => `${name}-${release}`);
  const wanted = services.map(({ name, port }) => [
    name,
    [name, ...later(name)],
    port ?? PORT_OF_OTHERS,
  ]);
  expect(
    scrapes().map(({ job_name, dns_sd_configs: [at] }) => [job_name, at!.names, at!.port]),
  ).toEqual(wanted);
  const { prometheus, ...file } = readComposeFile().services;
  for (const name of services.flatMap((each) => [each.name, ...later(each.name)])) {
    const shared = file[name]!.networks!.filter((each) => prometheus!.networks!.includes(each));
    // In a second one it would be found, and read, twice.
    expect([name, shared.length]).toEqual([name, 1]);
  }
});

it.each([...panels(), ...alerts()])('$of asks for what services have', ({ expr }) => {
  const known = metricsIn(expr).map((name) => [name, register.getSingleMetric(name)] as const);
  expect(known.filter(([, metric]) => !metric).map(([name]) => name)).toEqual([]);
  expect(known.length > 0 || /\bup\b/.test(expr)).toBe(true);
  const labels = known.flatMap(
    ([, metric]) => (metric as unknown as { labelNames: string[] }).labelNames,
  );
  expect(['job', 'instance', 'le', ...labels]).toEqual(expect.arrayContaining(labelsIn(expr)));
});

it('a service that is not there is missed, but for the shoppers', () => {
  const { expr } = alerts().find(({ of }) => of === 'ServiceMissing')!;
  const missed = [...expr.matchAll(/absent\(up\{job="(\w+)"\}\)/g)].map(([, name]) => name);
  const wanted = services.map(({ name }) => name).filter((name) => name !== 'simulator');
  expect(missed).toEqual(wanted);
});

it('docs/operations.md says of every alert what to do, and of no other', () => {
  const table = /### Alerts\n(.*?)(\n#|$)/s.exec(readFileSync('docs/operations.md', 'utf8'))![1]!;
  const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(documented).toEqual(alerts().map(({ of }) => of));
});
