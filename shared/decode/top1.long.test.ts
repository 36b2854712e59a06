import { normalise, toInput } from '@hebb/model';
import { decode } from '@hebb/test/decode/edge';
import { enlargedJpeg } from '@hebb/test/decode/enlarged';
import { PREPROCESSING } from '@hebb/test/decode/settings';
import { BVLC_ONNX, describeWithData } from '@hebb/test/support/data';
import { imagenetPhotos } from '@hebb/test/support/imagenet';
import { onnxSession } from '@hebb/test/support/onnxruntime';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { topK } from '@hebb/test/support/top';
import { expect, it } from 'vitest';

const BVLC = { channelOrder: 'bgr', mean: [123, 117, 104], scale: [1, 1, 1] } as const;

describeWithData('12-megapixel photographs, decoded scaled instead of whole', () => {
  it('have another top-1 answer in at most 1 %', { timeout: 1_800_000 }, async () => {
    const session = await onnxSession(BVLC_ONNX);
    const top1 = async (pixels: Uint8Array) =>
      topK(await session.run(normalise(pixels, BVLC), PREPROCESSING.crop), 1)[0];
    const paths = imagenetPhotos(); // every other one is made progressive
    let changed = 0;
    for (const [i, path] of paths.entries()) {
      const jpeg = await enlargedJpeg(path, i % 2 === 1);
      const scaled = await top1(toInput(await decode(jpeg), PREPROCESSING));
      if (scaled !== (await top1(await decodeFile(jpeg, PREPROCESSING)))) changed++;
    }
    await session.release();
    expect(changed).toBeLessThanOrEqual(paths.length * 0.01);
  });
});
