import sharp from 'sharp';

/** Pixels of the longer side, and JPEG quality: about 5 kB per image. */
const [SIDE, QUALITY] = [180, 65];

/** A small JPEG of an image file; undefined when it cannot be read. Metadata stays behind. */
export async function thumbnail(path: string): Promise<Uint8Array | undefined> {
  try {
    return await sharp(path, { autoOrient: true, limitInputPixels: 100e6 })
      .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .jpeg({ quality: QUALITY })
      .toBuffer();
  } catch {
    return undefined;
  }
}
