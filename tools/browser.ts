import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];
const macs = ['Google Chrome', 'Chromium'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

/**
 * A headless Chrome: the one in CHROME_PATH, an installed one, or (Linux) the one of an npm
 * package. Throws, with a sentence, when there is none: a browser test is not skipped.
 */
export async function openBrowser(): Promise<Browser> {
  const named = process.env['CHROME_PATH'];
  if (named && !existsSync(named)) {
    throw new Error('CHROME_PATH names no file: set it to a Chrome or Chromium, or unset it.');
  }
  const executablePath = named || installed();
  if (executablePath) return launch(executablePath);
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    // Without the package's own arguments: they are for one short page, with web security off.
    return await launch(await packaged.executablePath());
  } catch {
    throw new Error('There is no browser: install Chrome or Chromium, or set CHROME_PATH to one.');
  }
}

const launch = (executablePath: string) =>
  chromium.launch({ executablePath, args: ['--no-sandbox'] });

function installed(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...candidates, ...macs].find((file) => existsSync(file));
}
