import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The secrets that were made so far, by name. */
export function readSecrets(dir: string): Record<string, string> {
  const file = fileIn(dir);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** Random secrets by name, made when first asked for and kept where only we can read them. */
export function openSecrets(dir: string): (name: string) => string {
  const secrets = readSecrets(dir);
  return (name) => {
    if (!secrets[name]) {
      secrets[name] = randomBytes(24).toString('hex');
      writeFileSync(fileIn(dir), `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    }
    return secrets[name];
  };
}

const fileIn = (dir: string) => join(dir, 'secrets.json');
