/**
 * Decodes AVIF with libavif and dav1d (shared/decode/codecs/avif.c) to reduced RGB over white.
 * @module
 */
import type { ReducedImage } from '@hebb/model/preprocess/resize';
import type { Workspace } from '../arena.ts';
import { broken } from '../bytes.ts';
import { originOf, type Reduction, reducedSize } from '../reduce.ts';
import type { AvifHeader } from './header.ts';
import { frameLimit } from './memory.ts';

/** Byte offsets of the fields of `Picture` in avif.c. */
const FIELD = { width: 0, height: 4, pixels: 8 } as const;

/** Decodes the primary picture, which must have the size of the header. */
export function decodeAvif(
  workspace: Workspace,
  file: Uint8Array,
  header: AvifHeader,
  reduction: Reduction,
): ReducedImage {
  const input = workspace.copyIn(file);
  const limit = frameLimit(header);
  const picture = workspace.call('avif_decode', input, file.length, reduction, limit);
  const field = (name: keyof typeof FIELD) => workspace.u32(picture + FIELD[name]);
  const { width, height } = reducedSize(header.width, header.height, reduction);
  if (field('width') !== width || field('height') !== height) {
    throw broken('its picture has another size than its header');
  }
  const data = workspace.view(field('pixels'), width * height * 3);
  return { width, height, data, ...originOf(header, reduction) };
}
