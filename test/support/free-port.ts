import { readFileSync } from 'node:fs';
import { createServer, type ListenOptions } from 'node:net';

/** The ephemeral ports: Linux's setting, elsewhere IANA's range. */
const EPHEMERAL = firstEphemeral();
const LOWEST = 10_000;

/**
 * A port on which nothing listens until the test does: it is outside of the ephemeral range, and reserved against
 * other tests while this process runs (Linux).
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (EPHEMERAL - LOWEST));
    if ((await reserve(port)) && (await canListen(port))) return port;
  }
}

/** Reserves a port by a socket in Linux's abstract namespace, which disappears with the process. */
async function reserve(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const server = createServer().unref();
  return await listens(server, { path: `\0hebb-test-port-${port}` });
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  if (!(await listens(server, { port, host: '127.0.0.1' }))) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

async function listens(
  server: ReturnType<typeof createServer>,
  where: ListenOptions,
): Promise<boolean> {
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(where, () => resolve(true));
  });
}

function firstEphemeral(): number {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    return Number.parseInt(text, 10);
  } catch {
    return 49_152;
  }
}
