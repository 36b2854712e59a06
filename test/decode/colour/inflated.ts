import { type DeflatedIccTag, inflateIcc } from '../../../shared/decode/colour/png.ts';
import type { IccTag } from '../../../shared/decode/colour/tag.ts';
import { newArena } from '../../support/codecs.ts';

const arena = newArena();

/** The profile of a PNG, inflated as the decoder does it. */
export async function inflated(tag: DeflatedIccTag): Promise<IccTag | undefined> {
  const codec = await arena.load('inflate');
  return arena.run(1e6, codec, (workspace) => inflateIcc(workspace, tag));
}
