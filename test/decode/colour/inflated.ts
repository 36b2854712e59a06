import { type DeflatedIccTag, inflateIcc } from '@hebb/decode/colour/png';
import type { IccTag } from '@hebb/decode/colour/tag';
import { newArena } from '../../support/codecs.ts';

const arena = newArena();

/** The profile of a PNG, inflated as the decoder does it. */
export async function inflated(tag: DeflatedIccTag): Promise<IccTag | undefined> {
  const codec = await arena.load('inflate');
  return arena.run(1e6, codec, (workspace) => inflateIcc(workspace, tag));
}
