/**
 * Images that the service does not decode but this browser does: HEIC and TIFF in Safari, BMP and SVG
 * everywhere. What the browser draws is sent in their place.
 * @module
 */

/** How JPEG, PNG, GIF, WebP and AVIF begin, as Latin-1. */
const DECODED_THERE = /^(\xff\xd8|\x89PNG|GIF8|RIFF.{4}WEBP|.{4}ftyp.*avi[fs])/s;
const HEAD_BYTES = 64;

/** Shorter side, pixels: some times what a network reads. A photo of 12 megapixels becomes 300 KB. */
const MOST_SIDE = 1024;
/** Safari on iPhones draws no larger canvas. */
const MOST_PIXELS = 16e6;
const JPEG_QUALITY = 0.95;

/**
 * The image as the service can read it, under its own name. As it is where that is so already, and where
 * the browser cannot decode it either: then the service says what it is.
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

/** One after the other: each takes its pixels' memory. */
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

/** A JPEG of what the browser shows at this address, upright, over white, in sRGB. */
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
