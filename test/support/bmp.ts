import sharp from 'sharp';

/** A picture as 24-bit BMP, which browsers decode but the service does not. */
export async function bmpOf(image: string | Buffer): Promise<Buffer> {
  const { data, info } = await sharp(image)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const stride = Math.ceil((info.width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * info.height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10); // offset of the pixels
  file.writeUInt32LE(40, 14); // BITMAPINFOHEADER
  file.writeInt32LE(info.width, 18);
  file.writeInt32LE(-info.height, 22); // negative: rows from top to bottom
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let i = 0; i < info.width * info.height; i++) {
    const at = 54 + Math.floor(i / info.width) * stride + (i % info.width) * 3;
    for (const channel of [0, 1, 2]) file[at + channel] = data[i * 3 + 2 - channel]!; // BGR
  }
  return file;
}
