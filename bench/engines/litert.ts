import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../bundle.ts';
import type { PageServer } from '../page/server.ts';
import { peerPath } from '../peers/install.ts';
import { withVersion } from '../peers/versions.ts';
import type { BenchEngine } from './engine.ts';
import { openOnPage } from './in-page.ts';

function litert(precision: 'float32' | 'int8'): BenchEngine {
  const file = `${precision}.tflite` as const;
  const id = `litert-${precision}`;
  return {
    info: {
      id,
      name: withVersion('@litertjs/core', 'LiteRT.js'),
      host: 'Chromium',
      precision,
      ours: false,
    },
    missing({ network, page, peerFiles, peersInstalled }) {
      const hasLrn = network.network.layers.some((layer) => layer.kind === 'lrn');
      if (hasLrn) return 'XNNPACK has no LRN';
      if (!page) return 'there is no Chromium: set CHROMIUM_PATH';
      if (!peersInstalled) return 'the peers are not installed';
      return peerFiles[file] ? undefined : `there is no ${file}: run with --make-peer-models`;
    },
    async open({ network, page, peerFiles }) {
      await serveLiteRt(page!.server);
      const path = `/models/${network.id}/${file}`;
      const model = page!.server.serve(path, () => readFile(peerFiles[file]!));
      return openOnPage(page!, `${network.id}/${id}`, { library: 'litert', model });
    },
  };
}

/** Serves the library's code and all its wasm files; it loads the one that suits the browser. */
async function serveLiteRt({ serve }: PageServer): Promise<void> {
  const code = await bundle(peerPath('@litertjs', 'core', 'dist', 'index.js'));
  serve('/litert/index.js', () => code);
  const folder = peerPath('@litertjs', 'core', 'wasm');
  for (const file of await readdir(folder)) {
    serve(`/litert/wasm/${file}`, () => readFile(join(folder, file)));
  }
}

export const litertFloat32 = litert('float32');
export const litertInt8 = litert('int8');
