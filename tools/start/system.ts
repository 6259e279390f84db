import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { readSecurity } from '#log/security';
import type { Security } from '#log/security';
import { services } from '../../manifest.ts';
import { defaultJarsDir, startBroker } from '../kafka/broker.ts';
import { ensureJars, findJava } from '../kafka/jars.ts';
import { ensureDatabases } from './databases.ts';
import type { DatabaseUrls } from './databases.ts';
import type { Instance } from './plan.ts';
import { ADMIN, loginsOf, withoutLogin } from './logins.ts';
import type { Logins } from './logins.ts';
import { giveWay } from './background.ts';
import { freePort } from './ports.ts';
import { stopAll, writePid } from './processes.ts';
import { checkBrokers, sentenceOf } from './problems.ts';
import { step } from './progress.ts';
import { formatRunning, runningIn } from './running.ts';
import { openSecrets } from './secrets.ts';
import { ServiceProcess, backOffMs } from './service-process.ts';
import type { Settings } from './settings.ts';
import { startPostgres } from './postgres.ts';
import { together } from '#log/together';

/** What everything else waits for is tried again after 4 s at the latest. */
const mostBackOffs = 4;

/** A server that runs, ours or somebody else's. */
interface Restartable {
  readonly ended: Promise<void>;
  restart(): Promise<void>;
}

/** Everything that `npm start` starts, in the order in which it can stand. */
export class System {
  private readonly services = new Map<string, { instance: Instance; process: ServiceProcess }>();
  private readonly secret: (name: string) => string;
  private readonly logins: Logins;
  private stopping = false;
  brokers: string[] = [];
  urls: DatabaseUrls = {};

  constructor(
    private readonly settings: Settings,
    private instances: readonly Instance[],
    private readonly say: (line: string) => void,
  ) {
    this.secret = openSecrets(settings.dir);
    this.logins = loginsOf(settings, services, this.secret);
  }

  async start(): Promise<void> {
    await this.startServers();
    this.goOnUnlessStopping();
    await this.prepare();
    this.goOnUnlessStopping();
    for (const instance of this.instances) this.services.set(instance.name, this.make(instance));
    const isDoorUser = ({ instance }: { instance: Instance }) =>
      instance.service.reaches.length > 0;
    const all = [...this.services.values()];
    await this.startServices(
      'services',
      all.filter((each) => !isDoorUser(each)),
    );
    this.goOnUnlessStopping();
    await this.startServices('shoppers', all.filter(isDoorUser));
  }

  /** What the services stand on: the log and the databases. */
  async startServers(): Promise<void> {
    [this.brokers, this.urls] = await together([this.startLog(), this.startDatabases()]);
  }

  /** How the administrator of the log connects. */
  get security(): Security {
    return readSecurity(this.logins.admin);
  }

  /** Services first, then PostgreSQL and Kafka. */
  async stop(): Promise<void> {
    await this.stopServices();
    await stopAll(this.settings.dir);
  }

  /** What they stand on goes on. */
  async stopServices(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.services.values()].map(({ process }) => process.stop()));
  }

  /** Starts and stops releases until these run, on topics and tables of their own. */
  async follow(instances: readonly Instance[]): Promise<void> {
    this.instances = instances;
    const wanted = new Set(instances.map(({ name }) => name));
    const surplus = [...this.services.values()].filter(
      ({ instance }) => instance.release !== undefined && !wanted.has(instance.name),
    );
    const missing = instances
      .filter(({ name, release }) => release !== undefined && !this.services.has(name))
      .map((instance) => ({ ...instance, catchesUp: true }));
    if (missing.length > 0) await this.prepare({ besides: missing });
    await this.change(surplus, missing);
  }

  /** Starts or stops replicas until there are so many of this service. */
  async scale(name: string, replicas: number): Promise<void> {
    const own = [...this.services.values()].filter(
      ({ instance }) => instance.service.name === name,
    );
    const { service } = own[0]!.instance;
    const missing = Array.from({ length: Math.max(0, replicas - own.length) }, (_, i) => ({
      service,
      name: `${name}-${own.length + i + 1}`,
      first: false,
    }));
    await this.change(own.slice(replicas), missing);
  }

  /** Stops these processes for good, and starts those. */
  private async change(
    surplus: readonly { instance: Instance; process: ServiceProcess }[],
    missing: readonly Instance[],
  ): Promise<void> {
    for (const { instance } of surplus) this.services.delete(instance.name);
    const made = missing.map((instance) => this.make(instance));
    for (const each of made) this.services.set(each.instance.name, each);
    await Promise.all([
      ...surplus.map(({ process }) => process.stop()),
      ...made.map(({ process }) => process.start()),
    ]);
  }

  /** Where the instance answers now. */
  portOf(name: string): number {
    return this.services.get(name)!.process.port;
  }

  /** The instances that do not say that they are ready. */
  async notReady(): Promise<string[]> {
    const asked = [...this.services].map(async ([name, { process }]) =>
      (await process.isReady()) ? [] : [name],
    );
    return (await Promise.all(asked)).flat();
  }

  /** Stops these services and starts them on the code that is there now; all of them if null. */
  async restart(names: readonly string[] | null): Promise<void> {
    const affected = [...this.services.values()].filter(
      ({ instance }) => names === null || names.includes(instance.service.name),
    );
    await Promise.all(affected.map(({ process }) => process.stop()));
    await Promise.all(affected.map(({ process }) => process.start()));
  }

  /**
   * Topics, tables and, unless a past brings them, first facts: done before anybody subscribes. `besides`:
   * those that come while people are in the shop; only they need tables, and it gives way.
   */
  async prepare({
    besides,
    firstFacts = besides === undefined,
  }: { besides?: readonly Instance[]; firstFacts?: boolean } = {}): Promise<void> {
    const isConcerned = ([name]: [string, string]) =>
      besides?.some(({ service }) => service.name === name) ?? true;
    const urls = Object.fromEntries(Object.entries(this.urls).filter(isConcerned));
    const script = 'dist/services/prepare.js';
    const child = spawn(process.execPath, ['--no-warnings', '--enable-source-maps', script], {
      detached: true,
      stdio: ['ignore', 'inherit', 'pipe'],
      env: {
        ...withoutLogin(process.env),
        ...this.logins.admin,
        KAFKA_BROKERS: this.brokers.join(','),
        KAFKA_PASSWORDS: JSON.stringify(this.logins.passwords),
        DATABASE_URLS: JSON.stringify(urls),
        RELEASES: formatRunning(runningIn(this.instances)),
        ...(!firstFacts && { FIRST_FACTS: '0' }),
      },
    });
    if (child.pid) writePid(join(this.settings.dir, 'prepare', 'prepare.pid'), child.pid);
    if (child.pid && besides) giveWay(child.pid, 'starts');
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const said = await text(child.stderr);
    if ((await exited) === 0) return;
    throw new Error(said.trim().split('\n').at(-1) || 'The topics and tables cannot be prepared.');
  }

  private async startLog(): Promise<string[]> {
    const { kafkaBrokers, kafkaPort, kafkaSasl, dir } = this.settings;
    if (kafkaBrokers) {
      await step(
        'Kafka',
        () => checkBrokers(kafkaBrokers),
        () => kafkaBrokers.join(', '),
      );
      return kafkaBrokers;
    }
    await findJava();
    await step('broker jars', () => ensureJars(defaultJarsDir()));
    const broker = await step(
      'Kafka',
      async () =>
        startBroker({
          dir: join(dir, 'kafka'),
          port: kafkaPort,
          controllerPort: await freePort(),
          logFile: join(dir, 'logs', 'kafka.log'),
          ...(kafkaSasl && {
            admin: { username: ADMIN, password: this.logins.admin.KAFKA_PASSWORD! },
          }),
        }),
      ({ brokers }) => brokers.join(','),
    );
    void this.keepRunning('Kafka', join(dir, 'kafka'), broker);
    return broker.brokers;
  }

  private async startDatabases(): Promise<DatabaseUrls> {
    const { databaseUrl, postgresPort, dir } = this.settings;
    let adminUrl = databaseUrl;
    if (!adminUrl) {
      const postgres = await step(
        'PostgreSQL',
        () =>
          startPostgres({
            dir: join(dir, 'postgres'),
            port: postgresPort,
            logFile: join(dir, 'logs', 'postgres.log'),
          }),
        () => `127.0.0.1:${postgresPort}`,
      );
      void this.keepRunning('PostgreSQL', join(dir, 'postgres'), postgres);
      ({ adminUrl } = postgres);
    }
    const names = this.instances.filter(({ service }) => service.database);
    const { urls } = await step(
      'databases',
      () =>
        ensureDatabases(
          adminUrl,
          [...new Set(names.map(({ service }) => service.name))],
          (name) => this.secret(`database ${name}`),
          { ownServer: databaseUrl === null },
        ),
      ({ created }) => (created.length > 0 ? `${created.length} created` : ''),
    );
    return urls;
  }

  private make(instance: Instance): { instance: Instance; process: ServiceProcess } {
    const { dir, servicePorts } = this.settings;
    const { service, name, first, catchesUp = false } = instance;
    const { DATABASE_URL: _, KAFKA_BROKERS: __, ...inherited } = withoutLogin(process.env);
    const url = this.urls[service.name];
    const env = {
      ...inherited,
      NODE_ENV: process.env.NODE_ENV ?? 'production',
      ...(service.reads !== null && { KAFKA_BROKERS: this.brokers.join(',') }),
      ...this.logins.of(service),
      ...(url && { DATABASE_URL: url }),
      ...(instance.release && { RELEASE: instance.release }),
      SHOP_URL: `http://localhost:${servicePorts.shop}`,
      COLLECTOR_URL: `http://localhost:${servicePorts.collector}`,
      DELIVERIES_SECRET: this.secret('deliveries'),
    };
    const command = {
      instance: name,
      script: `dist/services/${service.name}.js`,
      port: first ? (servicePorts[service.name] ?? null) : null,
      env,
      pidFile: join(dir, 'services', `${name}.pid`),
      logFile: join(dir, 'logs', `${name}.log`),
      say: this.say,
      catchesUp,
    };
    return { instance, process: new ServiceProcess(command) };
  }

  private async startServices(
    name: string,
    list: readonly { process: ServiceProcess }[],
  ): Promise<void> {
    if (list.length === 0) return;
    const start = () => together(list.map(({ process }) => process.start()));
    await step(name, start, () => `${list.length} ready`);
  }

  /** Throws when there is nothing left that it could go on with. */
  private async keepRunning(name: string, folder: string, server: Restartable): Promise<void> {
    for (let failures = 0; ;) {
      await server.ended;
      if (this.stopping) return;
      if (!existsSync(folder)) {
        throw new Error(`${name} ended, and its folder ${folder} is gone.`);
      }
      this.say(`${name} ended; it starts again`);
      try {
        await server.restart();
        failures = 0;
      } catch (error) {
        this.say(sentenceOf(error));
        failures += 1;
        await pause(backOffMs(Math.min(failures, mostBackOffs)));
      }
    }
  }

  private goOnUnlessStopping(): void {
    if (this.stopping) throw new Error('Stopped while starting.');
  }
}
