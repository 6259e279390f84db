import type { Service } from '../../manifest.ts';
import type { Options } from './options.ts';
import { firstReleases, isApplication, nameOfRelease } from './running.ts';

/** One process to start. */
export interface Instance {
  service: Service;
  /** Of what has releases. */
  release?: string;
  /** `feedback-1`, `feedback-2` …, `feedback-v2-1` of another release than the first. */
  name: string;
  /** Started beside others that serve people: it has all of the log to read first. */
  catchesUp?: boolean;
  /** The first of a service has the port people know; the others take a free one. */
  first: boolean;
}

/** Which services are started. */
export function chosen(options: Options, services: readonly Service[]): Service[] {
  return services.filter(({ name }) => {
    if (options.only) return options.only.includes(name);
    return options.shoppers || name !== 'simulator';
  });
}

export function instancesOf(
  options: Options,
  services: readonly Service[],
  running = firstReleases,
): Instance[] {
  return chosen(options, services).flatMap((service) => {
    if (!isApplication(service.name)) return replicasOf(options, service, service.name);
    const application = service.name;
    return running[application].flatMap((release) => {
      const name = nameOfRelease({ application, release });
      return replicasOf(options, service, name).map((each) => ({ ...each, release }));
    });
  });
}

function replicasOf(options: Options, service: Service, name: string): Instance[] {
  return Array.from({ length: options.replicas[service.name] ?? 1 }, (_, i) => ({
    service,
    name: `${name}-${i + 1}`,
    first: i === 0,
  }));
}
