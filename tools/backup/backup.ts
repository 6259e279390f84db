import { existsSync } from 'node:fs';
import { services } from '../../manifest.ts';
import { livingPid } from '../start/processes.ts';
import { step } from '../start/progress.ts';
import { readSettings } from '../start/settings.ts';
import { join } from 'node:path';
import { restore, saveDatabases, saveLog } from './copies.ts';
import { rehearse } from './rehearse.ts';

const help = `npm run backup -- save FOLDER      copies the databases and the log of the system in STREAMSIDE_DIR
npm run backup -- restore FOLDER   puts them back; what is there now goes
npm run backup -- rehearse         does all that to a system of its own, and checks what is left

The system must have been stopped: npm start afterwards.`;

/** `npm run backup`: for what `npm start` keeps. Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const [task, folder, ...rest] = argv;
    if (task === 'rehearse' && !folder) await rehearse();
    else if ((task === 'save' || task === 'restore') && folder && rest.length === 0) {
      await (task === 'save' ? save(folder) : putBack(folder));
    } else {
      console.log(help);
      return task === '--help' ? 0 : 1;
    }
    return 0;
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    return 1;
  }
}

async function save(folder: string): Promise<void> {
  const dir = stopped();
  if (existsSync(folder)) throw new Error(`${folder} is there already: name a new folder.`);
  await step('databases', async () => saveDatabases(dir, folder));
  await step('log', async () => saveLog(dir, folder));
}

async function putBack(folder: string): Promise<void> {
  const dir = stopped();
  await step('databases, log', () => restore(dir, folder));
  console.log('\nnpm start goes on from there.');
}

/** Its folder. Throws a sentence when it runs. */
function stopped(): string {
  const { dir, kafkaBrokers, databaseUrl } = readSettings(process.env, services);
  if (kafkaBrokers || databaseUrl) {
    throw new Error('Servers of your own have backups of their own: docs/operations.md says how.');
  }
  const running = livingPid(join(dir, 'launcher.pid'));
  if (running === null) return dir;
  throw new Error(`Streamside runs in ${dir}: stop it first (kill ${running}).`);
}
