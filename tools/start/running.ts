import {
  existsSync,
  readFileSync,
  renameSync,
  unwatchFile,
  watchFile,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { firstReleaseOf, releasesOf } from '#contracts/releases';
import type { Application, ReleaseTag } from '#contracts/releases';

/** Which releases of each application run, or shall. */
export type Running = Readonly<Record<Application, readonly string[]>>;

/** What runs where nobody has said anything. */
export const firstReleases: Running = {
  recommendations: [firstReleaseOf('recommendations')],
  feedback: [firstReleaseOf('feedback')],
};

export const applications = Object.keys(releasesOf) as Application[];

/** Does the application run in releases at all? */
export function isApplication(name: string): name is Application {
  return name in releasesOf;
}

/** The releases that may run beside the first; what does not run in releases has none. */
export function laterReleasesOf(service: string): readonly string[] {
  return isApplication(service) ? releasesOf[service].slice(1) : [];
}

/** What a release is called among processes, containers and pods: the first as its service. */
export function nameOfRelease({ application, release }: ReleaseTag): string {
  return release === firstReleaseOf(application) ? application : `${application}-${release}`;
}

/** Reads `recommendations=v1,v2 feedback=v1`; what is not named is as it was first. */
export function parseRunning(text: string): Running {
  const named = text.split(/\s+/).filter(Boolean).map(parseOne);
  return { ...firstReleases, ...Object.fromEntries(named) };
}

function parseOne(part: string): [Application, string[]] {
  const [application = '', list = ''] = part.split('=');
  const releases = list.split(',');
  if (isApplication(application)) {
    const known: readonly string[] = releasesOf[application];
    if (releases.every((release) => known.includes(release))) return [application, releases];
  }
  throw new Error(
    'RELEASES must look like recommendations=v1,v2 feedback=v1, with releases that there is code for.',
  );
}

export function formatRunning(running: Running): string {
  return applications.map((name) => `${name}=${running[name].join(',')}`).join(' ');
}

const fileIn = (dir: string) => join(dir, 'releases');

/** What shall run in this folder's system. */
export function readRunning(dir: string): Running {
  const file = fileIn(dir);
  return existsSync(file) ? parseRunning(readFileSync(file, 'utf8')) : firstReleases;
}

/** The launcher that runs there follows. */
export function writeRunning(dir: string, running: Running): void {
  const file = fileIn(dir);
  writeFileSync(`${file}.new`, `${formatRunning(running)}\n`);
  renameSync(`${file}.new`, file);
}

/** Calls `follow` whenever other releases shall run, one call after the other. Returns how to stop. */
export function followRunning(
  dir: string,
  follow: () => Promise<void>,
  say: (line: string) => void,
): () => void {
  let work = Promise.resolve();
  let known = formatRunning(readRunning(dir));
  watchFile(fileIn(dir), { interval: LOOK_EVERY_MS }, () => {
    const wanted = formatRunning(readRunning(dir));
    if (wanted === known) return;
    known = wanted;
    work = work
      .then(follow)
      .then(() => say(`Releases that run: ${wanted}`))
      .catch((error: Error) => say(error.message));
  });
  return () => unwatchFile(fileIn(dir));
}

const LOOK_EVERY_MS = 300;

/** Is what belongs to this release wanted? What belongs to none is. */
export function runs(running: Running, tag: ReleaseTag | null): boolean {
  return tag === null || running[tag.application].includes(tag.release);
}

/** The releases among these processes. */
export function runningIn(
  instances: readonly { service: { name: string }; release?: string }[],
): Running {
  const of = (application: Application) => [
    ...new Set(
      instances
        .filter(({ service }) => service.name === application)
        .flatMap(({ release }) => release ?? []),
    ),
  ];
  return Object.fromEntries(
    applications.map((name) => [name, of(name).length > 0 ? of(name) : firstReleases[name]]),
  ) as Record<Application, string[]>;
}
