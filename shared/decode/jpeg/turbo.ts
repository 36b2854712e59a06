/**
 * JPEG by libjpeg-turbo 2.0.4 (npm: @cwasm/jpeg-turbo), through its TurboJPEG interface, which
 * scales by DCT: only the pixels asked for are ever made.
 * @module
 */
import { cmykToRgb, HebbError, type ReducedImage } from '../../model/index.ts';
import { broken } from '../bytes.ts';
import { type Codec, LongJump, withCodec } from '../codec.ts';
import type { CodecPool } from '../codec-pool.ts';
import { originOf, type Reduction, reducedSize } from '../reduce.ts';
import type { JpegHeader } from './header.ts';

/** turbojpeg.h: TJPF_RGB and TJPF_CMYK, with bytes per pixel. */
const RGB = { format: 0, bytes: 3 } as const;
const CMYK = { format: 11, bytes: 4 } as const;

/** turbojpeg.h: a warning ends decoding. */
const TJFLAG_STOPONWARNING = 8192;

/**
 * Offsets in the decompressor's state, bytes. `tjGetErrorStr2` is not exported, so libjpeg's
 * error manager is read where it lies: the field `jerr` of `tjinstance` (turbojpeg.c), a
 * `jpeg_error_mgr` (jpeglib.h) in wasm32's layout.
 */
const JERR = 840;
const JERR_MESSAGE = JERR + 20;
const JERR_PARAMETERS = JERR + 24;
const JERR_WARNINGS = JERR + 108;
const JERR_MESSAGES = JERR + 112;

/**
 * Warnings that cost no pixel (jerror.h): bytes that real cameras pad with, header fields that
 * are read as if they were right.
 */
const HARMLESS =
  /extraneous bytes before marker|unknown JFIF revision|Unknown Adobe color|Invalid SOS parameters/;

/** What libjpeg says, where it stopped. */
class JpegMessage extends Error {}

/**
 * Decodes at 1/reduction of the size. Anything that libjpeg would paint over (a truncated file
 * ends in grey) is `broken_image`.
 */
export async function decodeTurbo(
  pool: CodecPool,
  bytes: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
): Promise<ReducedImage> {
  const decode = (stopOnWarning: boolean) =>
    withCodec(pool, 'jpeg', (codec) => decompress(codec, bytes, header, reduction, stopOnWarning));
  try {
    return await decode(true).catch((error) => {
      // The first warning was harmless: go on to the end, where it must have been the only one.
      if (error instanceof JpegMessage && HARMLESS.test(error.message)) return decode(false);
      throw error;
    });
  } catch (error) {
    if (error instanceof HebbError) throw error;
    if (error instanceof JpegMessage) throw broken(`“${error.message}” (libjpeg)`, error);
    if (error instanceof WebAssembly.RuntimeError) throw broken('libjpeg cannot read it', error);
    throw error;
  }
}

function decompress(
  codec: Codec,
  bytes: Uint8Array,
  header: JpegHeader,
  reduction: Reduction,
  stopOnWarning: boolean,
): ReducedImage {
  const { width, height } = reducedSize(header.width, header.height, reduction);
  const inks = header.colour === 'cmyk' || header.colour === 'ycck';
  const { format, bytes: pixelBytes } = inks ? CMYK : RGB;
  const size = width * height * pixelBytes;
  const jpeg = codec.copyIn(bytes);
  const pixels = codec.allocate(size);
  const handle = codec.call('tjInitDecompress');
  const pitch = width * pixelBytes;
  const flags = stopOnWarning ? TJFLAG_STOPONWARNING : 0;
  let status: number;
  try {
    const args = [jpeg, bytes.length, pixels, width, pitch, height, format, flags];
    status = codec.call('tjDecompress2', handle, ...args);
  } catch (error) {
    if (error instanceof LongJump) throw new JpegMessage(message(codec, handle));
    throw error;
  }
  const warnings = codec.u32(handle + JERR_WARNINGS);
  const onlyTheHarmlessOne = !stopOnWarning && warnings === 1;
  if (status !== 0 && !onlyTheHarmlessOne) throw new JpegMessage('Corrupt JPEG data');
  const decoded = codec.view(pixels, size);
  const data = inks ? cmykToRgb(decoded, header.invertedInks) : decoded.slice();
  return { width, height, data, ...originOf(header, reduction) };
}

/** The message that libjpeg would print. */
function message(codec: Codec, handle: number): string {
  const number = codec.u32(handle + JERR_MESSAGE);
  const template = codec.text(codec.u32(codec.u32(handle + JERR_MESSAGES) + number * 4));
  let parameter = 0;
  return template.replace(/%0?\d*([duxs])/g, (_, kind) => {
    const value = codec.u32(handle + JERR_PARAMETERS + 4 * parameter++);
    return kind === 'x' ? value.toString(16) : String(value | 0);
  });
}
