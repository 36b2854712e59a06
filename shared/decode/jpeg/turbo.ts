/**
 * JPEG by libjpeg-turbo (shared/codecs/jpeg.c), which scales by DCT: only the pixels asked for are
 * ever made.
 * @module
 */
import { cmykToRgb, HebbError, type ReducedImage } from '../../model/index.ts';
import { broken } from '../bytes.ts';
import { type Codec, CodecFailure, withCodec } from '../codec.ts';
import type { CodecPool } from '../codec-pool.ts';
import { originOf, type Reduction } from '../reduce.ts';
import type { JpegHeader } from './header.ts';

/** `jpeg_picture` of jpeg.c: where its fields lie, bytes. */
const FIELD = {
  width: 0,
  height: 4,
  components: 8,
  pixels: 12,
  pixelWarnings: 16,
  harmlessWarnings: 20,
  message: 24,
  complete: 28,
  sawEnd: 32,
} as const;

/** What libjpeg made of a file. */
export interface LibjpegPicture {
  readonly width: number;
  readonly height: number;
  /** 3: RGB; 4: CMYK as stored, with YCCK converted to it. */
  readonly components: number;
  /** On the codec's memory. */
  readonly pixels: Uint8Array;
  /** Warnings that mean that pixels are missing or wrong: libjpeg has painted something there. */
  readonly pixelWarnings: number;
  /** Warnings that cost no pixel: padding between segments, header fields read as if they were right. */
  readonly harmlessWarnings: number;
  /** The last warning that matters, as libjpeg words it; empty if there was none. */
  readonly message: string;
  /** Every component's coefficients have come, to the last bit (files of several scans). */
  readonly complete: boolean;
  /** The end marker is there. */
  readonly sawEnd: boolean;
}

/**
 * Decodes at 1/reduction of the size. Anything that libjpeg would paint over (a truncated file
 * ends in grey) is `broken_image`. A missing end marker is none if every row is there.
 */
export async function decodeTurbo(
  pool: CodecPool,
  bytes: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
): Promise<ReducedImage> {
  try {
    return await withCodec(pool, 'jpeg', (codec) => decompress(codec, bytes, header, reduction));
  } catch (error) {
    if (error instanceof HebbError) throw error;
    if (error instanceof CodecFailure) throw broken(`“${error.message}” (libjpeg)`, error);
    if (error instanceof WebAssembly.RuntimeError) throw broken('libjpeg cannot read it', error);
    throw error;
  }
}

function decompress(
  codec: Codec,
  bytes: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
): ReducedImage {
  const { pixels, ...picture } = runLibjpeg(codec, bytes, reduction);
  if (picture.pixelWarnings > 0) throw broken(`“${picture.message}” (libjpeg)`);
  // With an end marker, less than everything is what the encoder chose to write.
  if (!picture.complete && !picture.sawEnd) throw broken('it ends before its last scan');
  const { width, height, components } = picture;
  const data = components === 4 ? cmykToRgb(pixels, header.invertedInks) : pixels.slice();
  return { width, height, data, ...originOf(header, reduction) };
}

/** Runs a fresh instance on the file. Throws `CodecFailure` where libjpeg gives up. */
export function runLibjpeg(codec: Codec, bytes: Uint8Array, reduction: Reduction): LibjpegPicture {
  const input = codec.copyIn(bytes);
  const picture = codec.call('jpeg_decode', input, bytes.length, reduction);
  const field = (at: number) => codec.u32(picture + at);
  const [width, height] = [field(FIELD.width), field(FIELD.height)];
  const components = field(FIELD.components);
  return {
    width,
    height,
    components,
    pixels: codec.view(field(FIELD.pixels), width * height * components),
    pixelWarnings: field(FIELD.pixelWarnings),
    harmlessWarnings: field(FIELD.harmlessWarnings),
    message: codec.text(field(FIELD.message)),
    complete: field(FIELD.complete) !== 0,
    sawEnd: field(FIELD.sawEnd) !== 0,
  };
}
