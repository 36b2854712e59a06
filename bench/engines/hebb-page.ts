import { readFile } from 'node:fs/promises';
import type { BenchEngine } from './engine.ts';
import { HEBB, KERNELS } from './hebb.ts';
import { openOnPage } from './in-page.ts';

/** Our int8 engine on the page that LiteRT.js is measured on. */
export const hebbPage: BenchEngine = {
  info: { ...HEBB, id: 'hebb-page', host: 'Chromium' },
  missing: ({ page }) => (page ? undefined : 'there is no Chromium: set CHROMIUM_PATH'),
  async open({ network, page }) {
    const { server } = page!;
    return openOnPage(page!, `${network.id}/hebb`, {
      library: 'hebb',
      weights: server.serve(`/models/${network.id}/int8.safetensors`, () => network.int8),
      kernels: server.serve('/hebb/kernels.wasm', () => readFile(KERNELS)),
      spec: network.network.spec,
    });
  },
};
