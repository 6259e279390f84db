import type { Service } from '../../manifest.ts';
import type { Options } from './options.ts';

/** One process to start. */
export interface Instance {
  service: Service;
  /** `feedback-1`, `feedback-2` … */
  name: string;
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

export function instancesOf(options: Options, services: readonly Service[]): Instance[] {
  return chosen(options, services).flatMap((service) =>
    Array.from({ length: options.replicas[service.name] ?? 1 }, (_, i) => ({
      service,
      name: `${service.name}-${i + 1}`,
      first: i === 0,
    })),
  );
}
