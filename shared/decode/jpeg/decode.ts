import type { ReducedImage } from '../../model/preprocess/resize.ts';
import type { Workspace } from '../arena.ts';
import type { Reduction } from '../reduce.ts';
import type { JpegHeader } from './header.ts';
import { decodeDc, decodesDc } from './progressive-dc.ts';
import { decodeTurbo } from './turbo.ts';

export function decodeJpeg(
  workspace: Workspace,
  file: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
): ReducedImage {
  return decodesDc(header, reduction)
    ? decodeDc(workspace, file, header)
    : decodeTurbo(workspace, file, header, reduction);
}
