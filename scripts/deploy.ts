/**
 * `npm run deploy`: deploys the Worker to Cloudflare, with a model among its static assets.
 *
 *   npm run deploy                                the newest package of models/, else the built-in one
 *   npm run deploy -- --model flowers --dry-run   everything except the upload; other options go to wrangler
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stagePages } from '@hebb/local/build-pages';
import { ASSETS_FOLDER, ROOT } from '@hebb/local/bundle';
import { chooseModel } from '@hebb/local/choose-model';
import { stageModel } from '@hebb/local/stage-model';
import { ERRORS, HebbError } from '@hebb/model/errors';

/** Separates `--model PACKAGE` from the arguments for wrangler. */
function splitArguments(args: readonly string[]) {
  const at = args.indexOf('--model');
  if (at < 0) return { model: undefined, rest: args };
  const model = args[at + 1];
  if (model === undefined) {
    throw new HebbError('invalid_argument', '--model needs the name or folder of a package.');
  }
  return { model, rest: [...args.slice(0, at), ...args.slice(at + 2)] };
}

async function wrangler(args: readonly string[]): Promise<number> {
  const main = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  const child = spawn(process.execPath, [main, ...args], { cwd: ROOT, stdio: 'inherit' });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

try {
  const { model, rest } = splitArguments(process.argv.slice(2));
  const { name, version } = await stageModel(
    await chooseModel(model, process.cwd()),
    ASSETS_FOLDER,
  );
  await stagePages(ASSETS_FOLDER);
  console.log(`Model: ${name} ${version.slice(0, 12)}`);
  process.exitCode = await wrangler(['deploy', ...rest]);
} catch (error) {
  if (!(error instanceof HebbError)) throw error;
  console.error(`error ${error.code}: ${error.message}\n  → ${error.hint}`);
  process.exitCode = ERRORS[error.code].exit ?? 1;
}
