/** A message that is longer is none of the shop's. */
const LONGEST = 1_000_000;

export interface Message {
  readonly event: string;
  readonly data: string;
}

/**
 * The messages of a server-sent event stream, comments left out.
 * Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n\r?\n/);
    rest = blocks.pop()!;
    if (rest.length > LONGEST) throw new RangeError('A live message is too long.');
    for (const block of blocks) {
      const data = fieldsOf(block, 'data');
      if (data.length === 0) continue;
      yield { event: fieldsOf(block, 'event').at(-1) ?? 'message', data: data.join('\n') };
    }
  }
}

function fieldsOf(block: string, name: string): string[] {
  return block
    .split(/\r?\n/)
    .filter((line) => line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).replace(/^ /, ''));
}
