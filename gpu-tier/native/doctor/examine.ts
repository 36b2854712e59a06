/**
 * `hebb doctor`: looks at all that the GPU tier stands on, in the order in which it is needed.
 * @module
 */
import { HebbError } from '../../../shared/model/errors.ts';
import type { Environment } from '../command.ts';
import type { Host } from '../host.ts';
import { findInstallation } from '../installation.ts';
import { listGpus } from '../nvidia.ts';
import { findCompiler, findPython } from '../tools.ts';
import type { Finding } from './finding.ts';
import { checkCuda, checkDriver, hasNvidiaHardware } from './gpu.ts';
import { checkInstallation } from './installation.ts';
import { checkNode } from './node.ts';
import { checkPort } from './ports.ts';
import { checkTool } from './tools.ts';

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
