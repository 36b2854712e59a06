import { readFile } from 'node:fs/promises';
import { toInput } from '@hebb/model';
import { decode } from '@hebb/test/decode/edge';
import { enlargedJpeg } from '@hebb/test/decode/enlarged';
import { difference } from '@hebb/test/decode/pictures';
import { PREPROCESSING } from '@hebb/test/decode/settings';
import { describeWithData } from '@hebb/test/support/data';
import { imagenetPhotos } from '@hebb/test/support/imagenet';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import sharp from 'sharp';
import { expect, it } from 'vitest';

describeWithData('photographs', () => {
  it('at their own size: the pixels that libvips decodes, but where they are reduced', async () => {
    let same = 0;
    for (const path of imagenetPhotos(20)) {
      if ((await sharp(path).metadata()).icc) continue; // sharp's pixels are not converted here
      const image = await decode(await readFile(path));
      const full = await decodeFile(path, PREPROCESSING);
      const { mean, max } = difference(toInput(image, PREPROCESSING), full);
      if (image.width === image.sourceWidth) expect(max, path).toBe(0);
      // Barely larger than the resize: the DCT's low-pass is sharper than the triangle's.
      else expect(mean, path).toBeLessThan(3);
      if (max === 0) same++;
    }
    expect(same).toBeGreaterThan(10); // of 26, a third with profiles
  });

  it.each([
    ['baseline', false],
    ['progressive', true],
  ])('enlarged to 12 megapixels, %s: within 1.2 grey levels', async (_, progressive) => {
    for (const path of imagenetPhotos(130)) {
      const jpeg = await enlargedJpeg(path, progressive);
      const scaled = toInput(await decode(jpeg), PREPROCESSING);
      const full = await decodeFile(jpeg, PREPROCESSING);
      expect(difference(scaled, full).mean, path).toBeLessThan(1.2);
    }
  });
});
