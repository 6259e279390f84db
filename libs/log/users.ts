import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { clientSecurity } from './security.ts';
import type { Security } from './security.ts';

/*
 * The one request that kafkajs does not have (AlterUserScramCredentials), spoken with its own
 * protocol classes: Kafka's command for it takes two seconds for each user.
 */
const require = createRequire(import.meta.url);
const Cluster = require('kafkajs/src/cluster');
const Encoder = require('kafkajs/src/protocol/encoder');
const Decoder = require('kafkajs/src/protocol/decoder');
const socketFactory = require('kafkajs/src/network/socketFactory');

const API_KEY = 51;
const SCRAM_SHA_512 = 2;
/** The least that brokers take; these passwords are random, so that more would gain nothing. */
const ITERATIONS = 4096;

/** Gives each user this password, and makes those that there are not. Needs an administrator. */
export async function setPasswords(
  brokers: readonly string[],
  security: Security,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const cluster = new Cluster({
    brokers: [...brokers],
    clientId: 'streamside-users',
    logger: silentLogger,
    socketFactory: socketFactory(),
    connectionTimeout: 2000,
    requestTimeout: 10_000,
    metadataMaxAge: 300_000,
    retry: { initialRetryTime: 50, retries: 8 },
    ...clientSecurity(security),
  });
  await cluster.connect();
  try {
    await cluster.refreshMetadata();
    const { connectionPool } = await cluster.findControllerBroker();
    await connectionPool.send(alterCredentials(Object.entries(passwords)));
  } finally {
    await cluster.disconnect();
  }
}

/** https://kafka.apache.org/protocol: AlterUserScramCredentials, version 0. */
function alterCredentials(passwords: readonly [user: string, password: string][]) {
  return {
    request: {
      apiKey: API_KEY,
      apiVersion: 0,
      apiName: 'AlterUserScramCredentials',
      encode: async () =>
        new Encoder()
          .writeUVarIntBytes() // No tags; so ends each structure.
          .writeUVarIntArray([]) // No deletions.
          .writeUVarIntArray(passwords.map(upsertion))
          .writeUVarIntBytes(),
    },
    response: { decode, parse },
  };
}

function upsertion([user, password]: [string, string]) {
  const salt = randomBytes(32);
  return new Encoder()
    .writeUVarIntString(user)
    .writeInt8(SCRAM_SHA_512)
    .writeInt32(ITERATIONS)
    .writeUVarIntBytes(salt)
    .writeUVarIntBytes(pbkdf2Sync(password, salt, ITERATIONS, 64, 'sha512'))
    .writeUVarIntBytes();
}

interface Result {
  user: string;
  errorCode: number;
  message: string | null;
}

async function decode(raw: Buffer): Promise<Result[]> {
  const decoder = new Decoder(raw);
  decoder.readTaggedFields();
  decoder.readInt32(); // How long we were throttled.
  return decoder.readUVarIntArray((one: any) => {
    const user = one.readUVarIntString();
    const errorCode = one.readInt16();
    const message = one.readUVarIntString();
    one.readTaggedFields();
    return { user, errorCode, message };
  });
}

async function parse(results: readonly Result[]): Promise<void> {
  const refused = results.find(({ errorCode }) => errorCode !== 0);
  if (!refused) return;
  const { user, errorCode, message } = refused;
  throw new Error(`Kafka does not make the user ${user}: ${message ?? `error ${errorCode}`}`);
}

const silentLogger = {
  namespace: () => silentLogger,
  debug() {},
  info() {},
  warn() {},
  error() {},
};
