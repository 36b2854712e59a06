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

/** What libjpeg did, apart from the pixels. */
export interface JpegOutcome {
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
  const input = codec.copyIn(bytes);
  const picture = codec.call('jpeg_decode', input, bytes.length, reduction);
  const outcome = outcomeOf(codec, picture);
  if (outcome.pixelWarnings > 0) throw broken(`“${outcome.message}” (libjpeg)`);
  // With an end marker, less than everything is what the encoder chose to write.
  if (!outcome.complete && !outcome.sawEnd) throw broken('it ends before its last scan');
  const [width, height] = [codec.u32(picture + FIELD.width), codec.u32(picture + FIELD.height)];
  const components = codec.u32(picture + FIELD.components);
  const pixels = codec.view(codec.u32(picture + FIELD.pixels), width * height * components);
  const data = components === 4 ? cmykToRgb(pixels, header.invertedInks) : pixels.slice();
  return { width, height, data, ...originOf(header, reduction) };
}

function outcomeOf(codec: Codec, picture: number): JpegOutcome {
  return {
    pixelWarnings: codec.u32(picture + FIELD.pixelWarnings),
    harmlessWarnings: codec.u32(picture + FIELD.harmlessWarnings),
    message: codec.text(codec.u32(picture + FIELD.message)),
    complete: codec.u32(picture + FIELD.complete) !== 0,
    sawEnd: codec.u32(picture + FIELD.sawEnd) !== 0,
  };
}
