import { stream } from './contract.ts';
import { text } from './values.ts';

/** Whatever one publishes by hand. */
export const playground = stream('playground', { key: null });

export const MessagePublished = playground.event(
  'MessagePublished',
  'Somebody published a message with curl.',
  { writer: 'collector' },
  { body: text(65_536) },
);
