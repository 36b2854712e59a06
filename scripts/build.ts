/**
 * `npm run build`: the Worker as it would be deployed, in dist/worker, and its size. (The kernels
 * were built by the bootstrap, before this runs.)
 * @module
 */
import { BUNDLE_FOLDER, bundleWorker } from './worker/bundle.ts';

const { modules, size } = await bundleWorker();
for (const { path, contents } of modules) {
  const bytes = typeof contents === 'string' ? Buffer.byteLength(contents) : contents.byteLength;
  console.log(`${(bytes / 1024).toFixed(1).padStart(9)} KiB  ${path}`);
}
console.log(`${size} (${BUNDLE_FOLDER})`);
