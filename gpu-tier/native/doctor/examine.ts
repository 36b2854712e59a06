/**
 * `hebb doctor`: looks at all that the GPU tier stands on, in the order in which it is needed.
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { HebbError } from '../../../shared/model/errors.ts';
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
  /** Those of the edge and of the GPU tier. */
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

/** What keeps an installation from being read is a finding. */
function asError(error: unknown): HebbError {
  if (error instanceof HebbError) return error;
  throw error;
}

/** The first Node that runs TypeScript files as they are, without a flag or a warning. */
const LEAST_NODE = 24;

/** `version` as in v24.21.0. */
export function checkNode(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major >= LEAST_NODE) return ok('Node', version);
  const fix = 'Run npm install: it brings one. Or install Node 24 or newer.';
  return problem('Node', `${version} is too old`, fix);
}

/** A tool that the installation needs, and nothing after it. */
function checkTool(subject: string, found: Found, installed: boolean): Finding {
  if (!isMissing(found)) return ok(subject, `${found.version} (${found.command})`);
  if (installed) return note(subject, `${found.message} Not needed: TensorFlow is installed.`);
  return problem(subject, found.message, found.fix);
}

const SUBJECT = 'libtensorflow';

/**
 * Whether there is a library, and whether it runs: it is tried.
 * @param installed an error where it is there and cannot be read
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

/** Whether a server could listen on the port of this machine. */
async function checkPort(port: number, use: string): Promise<Finding> {
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
