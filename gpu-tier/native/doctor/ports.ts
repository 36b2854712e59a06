import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Finding, note, ok } from './finding.ts';

/** Whether a server could listen on the port of this machine. */
export async function checkPort(port: number, use: string): Promise<Finding> {
  const subject = `port ${port}`;
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A tier that runs already is the usual reason.
    const found = code === 'EADDRINUSE' ? `in use, perhaps by ${use}` : `cannot be used: ${code}`;
    return note(
      subject,
      found,
      `lsof -i :${port} shows by what; npm start -- --help, another port`,
    );
  }
  server.close();
  await once(server, 'close');
  return ok(subject, `free for ${use}`);
}
