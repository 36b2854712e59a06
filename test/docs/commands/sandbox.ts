/**
 * A copy of the checkout with photographs, both tiers running, and a local Cloudflare account. The commands of
 * the docs write into this copy.
 * @module
 */

import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import sharp from 'sharp';
import { createCloudflareApi } from '../../publish/cloudflare-api.ts';
import { freePort } from '../../support/free-port.ts';
import type { Block } from './markdown.ts';
import { runShell, type ShellResult, startServers } from './shell.ts';

/** What a fresh clone lacks, and what is linked instead of copied. */
const LEFT_OUT = /^(.*\/)?(node_modules|\.git|\.cache|\.wrangler)$|^(models|runs)$/;

/** Environment variables of npm and vitest, which a reader's shell does not have. */
const NOT_PASSED_ON = /^(npm_|VITEST|INIT_CWD$|NODE_ENV$|HEBB_(?!CACHE$|PYTHON$)|CLOUDFLARE_)/;

export interface Sandbox {
  /** Runs a block with its options of running.ts. */
  run(block: Block, limit: number): Promise<ShellResult>;
  close(): Promise<void>;
}

export async function openSandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'hebb-docs-'));
  const checkout = join(folder, 'hebb');
  await cp(ROOT, checkout, {
    recursive: true,
    filter: (path) => !LEFT_OUT.test(relative(ROOT, path)),
  });
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  await cp(join(ROOT, 'shared', 'model', 'default'), join(folder, 'flowers'), { recursive: true });
  await writePhotos(checkout);

  const account = await openAccount();
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const base = {
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name)),
    ),
    DOCS_TEMPORARY: temporary,
    TMPDIR: temporary,
    NO_COLOR: '1',
    DOCS_STARTED: 'no',
    WRANGLER_SEND_METRICS: 'false',
    CI: '1',
  };
  const shared = { ...base, ...(await ports()), HEBB_STATE: join(folder, 'state') };
  const servers = await startServers('npm start', { cwd: checkout, env: shared });
  // Only now, so that the built-in model is served.
  await mkdir(join(checkout, 'models'));
  await cp(join(folder, 'flowers'), join(checkout, 'models', 'flowers'), { recursive: true });

  let runs = 0;
  return {
    async run(block, limit) {
      const script = scriptOf(block);
      const own = /^(export HEBB_|npm start --|.*npm run gpu-tier|.*npx hebb serve)/m.test(script);
      const env = own
        ? { ...base, ...(await ports()), HEBB_STATE: join(folder, `state-${++runs}`) }
        : { ...shared, DOCS_STARTED: 'yes' };
      const withAccount = block.running.account ? account.env : {};
      const code = await commandOf(block.language, here(script, env), checkout, ++runs);
      return await runShell(code, { cwd: checkout, env: { ...env, ...withAccount }, limit });
    },
    async close() {
      await Promise.all([servers.stop(), account.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function scriptOf({ code, running }: Block): string {
  const { first, without, notRun, instead = '' } = running;
  const lines = code.split('\n').filter((line) => !without || !line.startsWith(without.line));
  const script = notRun ? instead : lines.join('\n');
  return first ? `${first}\n${script}` : script;
}

/** Replaces the addresses in the docs by those of this sandbox. */
const here = (script: string, { HEBB_PORT, HEBB_GPU_PORT }: Ports): string =>
  script
    .replaceAll(
      /https:\/\/hebb\.example\.com|(http:\/\/)?localhost:8787/g,
      `http://localhost:${HEBB_PORT}`,
    )
    .replaceAll(
      /https:\/\/gpu\.example\.com|(http:\/\/)?localhost:8788/g,
      `http://localhost:${HEBB_GPU_PORT}`,
    );

/** Writes a program to a file, and runs it with this Node. */
async function commandOf(language: string, code: string, checkout: string, run: number) {
  if (language === 'sh') return code;
  const file = `block-${run}.${language === 'js' ? 'mjs' : 'ts'}`;
  await writeFile(join(checkout, file), code);
  return `'${process.execPath}' ${file}`;
}

interface Ports {
  readonly HEBB_PORT: string;
  readonly HEBB_GPU_PORT: string;
}

async function ports(): Promise<Ports> {
  const [port, gpuPort] = [await freePort(), await freePort()];
  return { HEBB_PORT: String(port), HEBB_GPU_PORT: String(gpuPort) };
}

async function openAccount() {
  const api = createCloudflareApi();
  const server = createServer((request, response) => void api.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    env: api.envOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const CLASSES = { daisy: 'daisy.jpg', sunflowers: 'sunflower.jpg', tulips: 'tulips.jpg' };
const IMAGES = 12;

/**
 * Writes the photographs that the docs mention: `photo.jpg`, and `photos/<class>/` for three classes, which are
 * crops of the samples.
 */
async function writePhotos(folder: string): Promise<void> {
  for (const [name, sample] of Object.entries(CLASSES)) {
    const file = join(ROOT, 'test', 'samples', sample);
    const { width, height } = await sharp(file).metadata();
    const size = Math.floor(Math.min(width, height) * 0.8);
    await mkdir(join(folder, 'photos', name), { recursive: true });
    for (let n = 0; n < IMAGES; n++) {
      const along = n / (IMAGES - 1);
      await sharp(file)
        .extract({
          left: Math.floor((width - size) * along),
          top: Math.floor((height - size) * (1 - along)),
          width: size,
          height: size,
        })
        .jpeg({ quality: 90 })
        .toFile(join(folder, 'photos', name, `${n}.jpg`));
    }
  }
  await sharp(join(ROOT, 'test', 'samples', CLASSES.sunflowers)).toFile(join(folder, 'photo.jpg'));
}
