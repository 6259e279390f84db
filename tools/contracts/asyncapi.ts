import { appendersOf, PARTITIONS } from '#contracts/contract';
import type { EventType, Topic } from '#contracts/contract';
import { pathOf, schemaOf } from './schemas.ts';

type Document = Record<string, unknown>;

/**
 * The AsyncAPI 3.0 document: a channel for each topic, a message for each event, and an operation
 * for each service and topic it writes.
 */
export function asyncapi(topics: readonly Topic[], version: string): Document {
  const events = topics.flatMap((topic) => [...topic.events.values()]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Streamside',
      version,
      description:
        'All that happens in the retailer, on one Kafka log. Services talk only through it. ' +
        'Written by npm run contracts from libs/contracts.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: { local: { host: '127.0.0.1:19092', protocol: 'kafka' } },
    channels: Object.fromEntries(topics.map((topic) => [topic.name, channel(topic)])),
    operations: Object.fromEntries(topics.flatMap(operations)),
    components: {
      messages: Object.fromEntries(events.map((event) => [nameOf(event), message(event)])),
      messageTraits: { cloudEvent: { headers: recordHeaders } },
      schemas: {
        CloudEvent: cloudEvent,
        ...Object.fromEntries(events.map((event) => [schemaNameOf(event), dataSchema(event)])),
      },
    },
  };
}

function channel(topic: Topic): Document {
  const { name, kind, keyField, events, settings } = topic;
  const retention = settings.cleanup === 'delete' && { 'retention.ms': settings.retentionMs };
  const messages = [...events.values()].map((event) => [event.type, ref(messageAt(event))]);
  const of = keyField === null ? 'Records without a key.' : `The record key is ${keyField}.`;
  const keeps = { stream: 'keeps everything', table: 'keeps the last event of each key' }[kind];
  return {
    address: name,
    description: `A ${kind}: ${keeps}. ${of}`,
    messages: Object.fromEntries(messages),
    bindings: {
      kafka: {
        topic: name,
        partitions: PARTITIONS,
        topicConfiguration: { 'cleanup.policy': [settings.cleanup], ...retention },
        bindingVersion: '0.5.0',
      },
    },
    'x-kind': kind,
    'x-key': keyField,
  };
}

/** Who sends what to a topic; an event that every service may write is sent by `any`. */
function operations(topic: Topic): [string, Document][] {
  const events = [...topic.events.values()];
  const writers = [...new Set(events.flatMap(appendersOf))].toSorted();
  return writers.map((writer) => {
    const service = writer === '*' ? 'any' : writer;
    const sent = events.filter((event) => appendersOf(event).includes(writer));
    const who = writer === '*' ? 'Any service' : writer;
    const channelAt = `#/channels/${topic.name}`;
    return [
      `${service}.${topic.name}`,
      {
        action: 'send',
        channel: ref(channelAt),
        summary: `${who} appends to ${topic.name}.`,
        tags: [{ name: service }],
        messages: sent.map(({ type }) => ref(`${channelAt}/messages/${type}`)),
      },
    ];
  });
}

function message(event: EventType): Document {
  const { type, version, doc, broadcast, numbered, topic } = event;
  const notes = [
    ...(broadcast ? ['Goes to every partition, without a key.'] : []),
    ...(numbered ? ['A browser tab numbers it and sends it again until answered.'] : []),
  ];
  // The schema of an event that is on every topic leaves the topic open.
  const dataschema = pathOf(event).startsWith(`${topic.name}/`)
    ? { const: `/${topic.name}/${type}/${version}` }
    : { pattern: `/${type}/${version}$` };
  return {
    name: type,
    title: type,
    summary: doc,
    ...(notes.length > 0 ? { description: notes.join(' ') } : {}),
    contentType: 'application/json',
    traits: [ref('#/components/messageTraits/cloudEvent')],
    payload: {
      allOf: [
        ref('#/components/schemas/CloudEvent'),
        {
          type: 'object',
          properties: {
            type: { const: type },
            dataschema,
            data: ref(`#/components/schemas/${schemaNameOf(event)}`),
          },
        },
      ],
    },
  };
}

/** Channel and operations say what kind of topic it is, and who writes. */
function dataSchema(event: EventType): Document {
  const { $schema: _, 'x-kind': _kind, 'x-writers': _writers, ...schema } = schemaOf(event);
  return schema;
}

/** `visitors.PageViewed`; its schema is `visitors.PageViewed.1`, as in the name of its file. */
const schemaNameOf = (event: EventType) =>
  pathOf(event)
    .replace('/', '.')
    .replace(/\.json$/, '');
const nameOf = (event: EventType) => schemaNameOf(event).replace(/\.\d+$/, '');
const messageAt = (event: EventType) => `#/components/messages/${nameOf(event)}`;
const ref = (to: string) => ({ $ref: to });

const text = { type: 'string', minLength: 1 };

const cloudEvent = {
  title: 'CloudEvents 1.0, with our extensions',
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'time', 'dataschema', 'correlationid', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: { ...text, description: 'Unique on the log.' },
    source: { ...text, description: 'The service that appended it: /shop.' },
    type: text,
    subject: { ...text, description: 'The record key; left out where there is none.' },
    time: { type: 'string', format: 'date-time', description: 'Log time of its cause.' },
    dataschema: { ...text, description: '/topic/type/version' },
    datacontenttype: { const: 'application/json' },
    correlationid: { ...text, description: 'The event the whole story began with.' },
    causationid: { ...text, description: 'The event that caused this one.' },
    traceparent: { ...text, description: 'W3C trace context.' },
    lane: { ...text, description: 'Where its sequence counts.' },
    sequence: {
      type: 'string',
      pattern: '^\\d+\\.\\d+$',
      description: 'Only grows in its lane: a reader drops what is not beyond the last it saw.',
    },
    data: { type: 'object' },
  },
};

const recordHeaders = {
  type: 'object',
  properties: {
    ce_type: { ...text, description: 'As in the value, so that a reader skips without parsing.' },
    ce_lane: text,
    ce_sequence: text,
    addressee: { ...text, description: 'Sent again from a bad track, for this group only.' },
  },
};
