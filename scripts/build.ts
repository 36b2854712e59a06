/**
 * `npm run build`: the Worker as it would be deployed, in dist/worker, the web pages in dist/pages, and their sizes. (The kernels
 * were built by the bootstrap, before this runs.)
 * @module
 */
import { stagePages } from './worker/build-pages.ts';
import { ASSETS_FOLDER, BUNDLE_FOLDER, bundleWorker } from './worker/bundle.ts';

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
