/**
 * Images that this browser decodes but the service does not: HEIC and TIFF in Safari, BMP and SVG
 * everywhere. The browser draws them, and the drawing is sent instead.
 * @module
 */

/** First bytes of JPEG, PNG, GIF, WebP and AVIF, as Latin-1. */
const DECODED_THERE = /^(\xff\xd8|\x89PNG|GIF8|RIFF.{4}WEBP|.{4}ftyp.*avi[fs])/s;
const HEAD_BYTES = 64;

/** Longest shorter side, pixels: several times a network's input. A photo of 12 megapixels becomes 300 KB. */
const MOST_SIDE = 1024;
/** Most pixels of a canvas in Safari on iPhones. */
const MOST_PIXELS = 16e6;
const JPEG_QUALITY = 0.95;

/**
 * The image in a format that the service reads, under the same name. It is returned unchanged if the
 * service reads it already, or if the browser cannot decode it either: then the service explains why.
 */
export async function readable(image: File): Promise<File> {
  const head = new Uint8Array(await image.slice(0, HEAD_BYTES).arrayBuffer());
  if (DECODED_THERE.test(String.fromCharCode(...head))) return image;
  const url = URL.createObjectURL(image);
  try {
    const jpeg = await drawn(url);
    return jpeg ? new File([jpeg], image.name, { type: jpeg.type }) : image;
  } catch {
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** `readable` for several images, one after the other, since each takes memory for its pixels. */
export async function allReadable(
  images: readonly File[],
  { signal }: { readonly signal: AbortSignal },
): Promise<File[]> {
  const all: File[] = [];
  for (const image of images) {
    signal.throwIfAborted();
    all.push(await readable(image));
  }
  return all;
}

/** Draws the image at a URL as a JPEG: upright, over white, in sRGB. */
async function drawn(url: string): Promise<Blob | null> {
  const image = new Image(); // SVG has no createImageBitmap in Chromium
  image.src = url;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const bySide = MOST_SIDE / Math.min(width, height);
  const scale = Math.min(1, bySide, Math.sqrt(MOST_PIXELS / (width * height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', JPEG_QUALITY));
}
