import { type DeflatedIccTag, inflateIcc } from '@hebb/decode/colour/png';
import type { IccTag } from '@hebb/decode/colour/tag';
import { newArena } from '../../support/codecs.ts';

const arena = newArena();

/** Inflates the profile of a PNG with the decoder's own code. */
export async function inflated(tag: DeflatedIccTag): Promise<IccTag | undefined> {
  const codec = await arena.load('inflate');
  return arena.run(1e6, codec, (workspace) => inflateIcc(workspace, tag));
}
