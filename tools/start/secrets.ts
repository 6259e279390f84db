import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Random secrets by name, made when first asked for and kept where only we can read them. */
export function openSecrets(dir: string): (name: string) => string {
  const file = join(dir, 'secrets.json');
  const secrets: Record<string, string> = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : {};
  return (name) => {
    if (!secrets[name]) {
      secrets[name] = randomBytes(24).toString('hex');
      writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    }
    return secrets[name];
  };
}
