/**
 * libvips reads far more than the edge does (SVG, TIFF, PDF): in this process, only what is an image to
 * both tiers.
 *
 * Its list is one for the whole process, and between the two calls below nothing can be decoded. So a
 * thread that begins must not make them while another one decodes: the main thread does it, before it
 * starts any. Whoever starts threads that decode imports this module.
 * @module
 */
import { isMainThread } from 'node:worker_threads';
import sharp from 'sharp';

if (isMainThread) {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif'].map((name) => `VipsForeignLoad${name}`),
  });
}
