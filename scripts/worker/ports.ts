import { createServer } from 'node:net';
import { HebbError } from '../../shared/model/errors.ts';

/** A port number from text. @param source where it came from: "--port" */
export function parsePort(text: string, source: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new HebbError('invalid_argument', `${source} is "${text}"; a port is 0 to 65535.`, {
    hint: 'npm start -- --port 8787',
  });
}

/** Throws `port_taken` when something listens on the port already. */
export async function checkPort(port: number, host: string): Promise<void> {
  if (port === 0) return; // any that is free
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'EACCES' ? 'may not be used by you' : 'is taken by another program';
    throw new HebbError('port_taken', `Port ${port} of ${host} ${why}.`, { cause });
  } finally {
    server.close();
  }
}
