import sharp from 'sharp';

/** A photograph at the size of a phone's: 4032×3024 (or upright), JPEG with 4:2:0 chroma. */
export async function enlargedJpeg(path: string, progressive: boolean): Promise<Buffer> {
  const { width, height } = await sharp(path).metadata();
  const [long, short] = [4032, 3024];
  const [w, h] = width >= height ? [long, short] : [short, long];
  return sharp(path)
    .toColourspace('srgb')
    .resize(w, h, { fit: 'fill', kernel: 'lanczos3' })
    .jpeg({ quality: 92, progressive })
    .toBuffer();
}
