import { readFileSync } from 'node:fs';

interface Locked {
  dev?: boolean;
  devOptional?: boolean;
  os?: string[];
  cpu?: string[];
  hasInstallScript?: boolean;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, Locked>;
};
const shipped = Object.entries(packages).filter(([, { dev, devOptional }]) => !dev && !devOptional);

it('ships nothing that is made for one architecture: the image is built once for all of them', () => {
  const native = shipped.filter(([, each]) => each.cpu || each.os || each.hasInstallScript);
  expect(native.map(([name]) => name)).toEqual([]);
});

it('runs nothing in the last stage, which is of the architecture that is built for', () => {
  const stages = readFileSync('Dockerfile', 'utf8')
    .split(/^FROM /m)
    .slice(1);
  expect(stages.at(-1)).not.toMatch(/^RUN /m);
  expect(
    stages.slice(0, -1).every((stage) => /^--platform=\$BUILDPLATFORM |^dependencies /.test(stage)),
  ).toBe(true);
});
