import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureJars, findJava, javaVersion } from './jars.ts';

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_392"', 8],
  ['openjdk version "21" 2023-09-19', 21],
  ['something else', 0],
])('%s is Java %d', (said, version) => {
  expect(javaVersion(said)).toBe(version);
});

test('a missing Java is said, with the way without it', async () => {
  await expect(findJava({ JAVA_HOME: '/nowhere' })).rejects.toThrow(
    /^Java 17 or newer is missing \(\/nowhere\/bin\/java\): .* docker compose up\.$/,
  );
});

test('brokers that start together fetch their jars once', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'streamside-jars-'));
  try {
    const jars = join(parent, 'kafka-libs');
    await Promise.all([ensureJars(jars), ensureJars(jars), ensureJars(jars)]);
    expect(readdirSync(parent)).toEqual(['kafka-libs']);
    expect(readdirSync(jars)).toContain('pom.sha256');
  } finally {
    rmSync(parent, { recursive: true });
  }
});
