import type { RgbImage } from '@hebb/model';
import { encoder, picture, random } from './pictures.ts';

/** A picture like a phone camera's: 12 megapixels, with the noise of a small sensor. */
export async function phonePhoto(source: RgbImage = picture(504, 378)): Promise<RgbImage> {
  const [width, height] = [4032, 3024];
  const enlarged = encoder(source).resize(width, height, { fit: 'fill', kernel: 'cubic' });
  const data = new Uint8Array(await enlarged.raw().toBuffer());
  const next = random(12);
  const grain = Int8Array.from({ length: 65_521 }, () => (next() + next() - 1) * 55);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.min(255, Math.max(0, data[i]! + grain[i % grain.length]!));
  }
  return { width, height, data };
}
