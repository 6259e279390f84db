import { messagesOf } from './server-sent-events.ts';

/** What is read of a stream that arrives in these pieces. */
async function read(...pieces: string[]) {
  const bytes = pieces.map((piece) => Uint8Array.from(Buffer.from(piece, 'latin1')));
  const messages = [];
  for await (const message of messagesOf(ReadableStream.from(bytes))) messages.push(message);
  return messages;
}

/** Characters outside ASCII as their UTF-8 bytes, so that a piece may end within one. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

describe('a live channel', () => {
  it('is read message by message, wherever the pieces break', async () => {
    const whole = utf8('event: me\ndata: {"name":"Größe"}\n\nevent: stock\r\ndata:1\r\n\r\n');
    const expected = [
      { event: 'me', data: '{"name":"Größe"}' },
      { event: 'stock', data: '1' },
    ];
    expect(await read(whole)).toEqual(expected);
    expect(await read(...whole)).toEqual(expected);
  });

  it('joins lines of data and passes over comments', async () => {
    expect(await read(': still here\n\n', 'data: a\ndata: b\n\n')).toEqual([
      { event: 'message', data: 'a\nb' },
    ]);
  });

  it('gives nothing for a message that was cut off', async () => {
    expect(await read('event: me\ndata: {"na')).toEqual([]);
  });
});
