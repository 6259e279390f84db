import { createServer } from 'node:net';
import { once } from 'node:events';
import { freePort, freePorts } from './ports.ts';

it('gives a port to nobody else before somebody listens there', async () => {
  const port = await freePort();
  const same = { lowest: port, highest: port };
  await expect(freePorts(1, same)).rejects.toThrow('no free port');
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening'); // Whoever was given it can.
  server.close();
});
