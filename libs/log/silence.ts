import type { Socket } from 'node:net';

/**
 * Ends a connection when nothing is heard for `limitMs` after something was said, or while it opens.
 * A peer that vanished (its machine is off, a firewall forgot the connection) sends no end, and the
 * system tries on for a quarter of an hour. Whoever waits for an answer gets an error instead.
 * `isOwed`: is there an answer to come? Without it, what is heard is taken for the answer to all that was said.
 */
export function endOnSilence(
  socket: Socket,
  limitMs: number,
  isOwed: (() => boolean) | null = null,
): Socket {
  let timer: NodeJS.Timeout | undefined;
  let patience = 0;
  const heard = () => {
    clearTimeout(timer);
    timer = undefined;
    patience += 1;
  };
  const end = () => {
    timer = undefined;
    if (isOwed && !isOwed()) return;
    const before = patience;
    // After a pause of this process the answer may be there already, unread.
    setImmediate(() => {
      if (patience !== before) return;
      socket.destroy(new Error(`no answer in ${limitMs / 1000} s`));
    });
  };
  const wait = () => {
    timer ??= setTimeout(end, limitMs).unref();
  };
  socket.once('connect', () => {
    heard();
    if (socket.bytesWritten > 0) wait(); // Said before it was open, so not answered.
    // Not before: connecting gives a socket its own `write` again.
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      wait();
      return write(...args);
    };
  });
  socket.on('close', heard);
  socket.on('data', () => {
    heard();
    if (isOwed) wait(); // Whoever reads the answer does so after this.
  });
  wait();
  return socket;
}
