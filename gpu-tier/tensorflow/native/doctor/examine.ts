/**
 * `hebb doctor`: checks everything that the GPU tier depends on, in the order of dependence.
 * @module
 */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { HebbError } from '@hebb/model/errors';
import { IN_CHECKOUT } from '@hebb/packages/installed';
import type { Environment } from '../command.ts';
import { distributionFor } from '../distribution.ts';
import type { Host } from '../host.ts';
import { findInstallation, type Installation } from '../installation.ts';
import { listGpus } from '../nvidia.ts';
import { probeAddon } from '../probe.ts';
import type { Probe } from '../probe-process.ts';
import { type Found, findCompiler, findPython, isMissing } from '../tools.ts';
import { type Finding, note, ok, problem } from './finding.ts';
import { checkCuda, checkDriver, hasNvidiaHardware } from './gpu.ts';

export interface ExamineOptions {
  /** Hebb's cache folder. */
  readonly cache: string;
  readonly host: Host;
  readonly env: Environment;
  /** Ports of the edge and of the GPU tier. */
  readonly ports: readonly { readonly number: number; readonly use: string }[];
}

export async function examine({ cache, host, env, ports }: ExamineOptions): Promise<Finding[]> {
  const found = await findInstallation(cache, host).catch(asError);
  const installed = found instanceof HebbError ? undefined : found;
  const [python, compiler] = [await findPython(env, host), await findCompiler(env, host)];
  const gpus = await listGpus(env);
  const library = await checkInstallation(found, host, env);
  const findings: Finding[] = [
    checkNode(process.version),
    checkTool('compiler', compiler, installed !== undefined),
    checkTool('Python', python, installed !== undefined),
    library.finding,
    checkDriver(gpus, await hasNvidiaHardware(host)),
  ];
  if (gpus.length > 0) findings.push(checkCuda(gpus, installed, library.probe, host, env));
  for (const { number, use } of ports) findings.push(await checkPort(number, use));
  return findings;
}

/** An unreadable installation is a finding, not a failure of the doctor. */
function asError(error: unknown): HebbError {
  if (error instanceof HebbError) return error;
  throw error;
}

/** The first Node that runs TypeScript files without a flag or a warning; the published package has none. */
const LEAST_NODE = IN_CHECKOUT ? 24 : 20;

/** @param version such as v24.21.0 */
export function checkNode(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major >= LEAST_NODE) return ok('Node', version);
  const fix = IN_CHECKOUT
    ? 'Run npm install, which includes one, or install Node 24 or newer.'
    : `Install Node ${LEAST_NODE} or newer.`;
  return problem('Node', `${version} is too old`, fix);
}

/** Checks a tool that only the installation of TensorFlow needs. */
function checkTool(subject: string, found: Found, installed: boolean): Finding {
  if (!isMissing(found)) return ok(subject, `${found.version} (${found.command})`);
  if (installed) return note(subject, `${found.message} Not needed: TensorFlow is installed.`);
  return problem(subject, found.message, found.fix);
}

const SUBJECT = 'libtensorflow';

/**
 * Checks the native library by running it.
 * @param installed the error for an installation that cannot be read
 */
async function checkInstallation(
  installed: Installation | HebbError | undefined,
  host: Host,
  env: Environment,
): Promise<{ readonly finding: Finding; readonly probe?: Probe }> {
  if (installed instanceof HebbError) {
    return { finding: problem(SUBJECT, installed.message, installed.hint) };
  }
  try {
    if (!installed) {
      distributionFor(host, 'cpu');
      const found = 'not installed: the GPU tier runs on WASM, and cannot train all layers';
      return { finding: problem(SUBJECT, found, 'hebb native install') };
    }
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    const fix = `${error.hint} Here the GPU tier runs on WASM.`;
    return { finding: note(SUBJECT, error.message, fix) };
  }
  try {
    const probe = await probeAddon(installed.addon, env);
    const cuda = installed.flavour === 'gpu' ? ' with CUDA' : '';
    return { finding: ok(SUBJECT, `${probe.tensorflow}${cuda}, in ${installed.folder}`), probe };
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return { finding: problem(SUBJECT, error.message, error.hint) };
  }
}

const OTHER_PORT = IN_CHECKOUT ? 'npm start -- --port' : 'hebb serve --port';

/** Checks that a server can listen on a local port. */
async function checkPort(port: number, use: string): Promise<Finding> {
  const subject = `port ${port}`;
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Usually the tier is already running.
    const found = code === 'EADDRINUSE' ? `in use, perhaps by ${use}` : `cannot be used: ${code}`;
    return note(
      subject,
      found,
      `lsof -i :${port} shows by which program; ${OTHER_PORT} uses another port`,
    );
  }
  server.close();
  await once(server, 'close');
  return ok(subject, `free for ${use}`);
}
