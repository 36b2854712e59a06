import { HebbError } from '../../../shared/model/errors.ts';
import type { Environment } from '../command.ts';
import { distributionFor } from '../distribution.ts';
import type { Host } from '../host.ts';
import type { Installation } from '../installation.ts';
import { type Probe, probeAddon } from '../probe.ts';
import { type Finding, note, ok, problem } from './finding.ts';

const SUBJECT = 'libtensorflow';

/**
 * Whether there is a library, and whether it runs: it is tried.
 * @param installed an error where it is there and cannot be read
 */
export async function checkInstallation(
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
