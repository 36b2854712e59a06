/**
 * `npm run build`: builds the Worker as it is deployed (dist/worker) and the web pages (dist/pages), and prints their
 * sizes. The bootstrap has already built the kernels.
 * @module
 */
import { stagePages } from '@hebb/local/build-pages';
import { ASSETS_FOLDER, BUNDLE_FOLDER, bundleWorker } from '@hebb/local/bundle';

const { outputs } = await stagePages(ASSETS_FOLDER);
for (const [path, { bytes }] of Object.entries(outputs)) {
  console.log(`${(bytes / 1024).toFixed(1).padStart(9)} KiB  ${path}`);
}
const { modules, size } = await bundleWorker();
for (const { path, contents } of modules) {
  const bytes = typeof contents === 'string' ? Buffer.byteLength(contents) : contents.byteLength;
  console.log(`${(bytes / 1024).toFixed(1).padStart(9)} KiB  ${path}`);
}
console.log(`${size} (${BUNDLE_FOLDER})`);
