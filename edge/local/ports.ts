import { type AddressInfo, createServer } from 'node:net';
import { HebbError } from '@hebb/model/errors';

/**
 * Parses a port number.
 * @param source name of the option for the message: "--port"
 */
export function parsePort(text: string, source: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new HebbError('invalid_argument', `${source} is "${text}"; a port is 0 to 65535.`, {
    hint: 'npm start -- --port 8787',
  });
}

/**
 * The port if it is free, or any free port for 0. Throws `port_taken`.
 * @param option name of the option for the hint
 */
export async function freePort(port: number, host: string, option = '--port'): Promise<number> {
  if (port !== 0) {
    await checkPort(port, host, option);
    return port;
  }
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { port: found } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return found;
}

/** Throws `port_taken` if the port is in use or not allowed. */
export async function checkPort(port: number, host: string, option = '--port'): Promise<void> {
  if (port === 0) return; // any free port
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'EACCES' ? 'is not allowed for this user' : 'is taken by another program';
    throw new HebbError('port_taken', `Port ${port} of ${host} ${why}.`, {
      hint: `Choose another one: npm start -- ${option} ${port === 65535 ? port - 1 : port + 1}`,
      cause,
    });
  } finally {
    server.close();
  }
}
