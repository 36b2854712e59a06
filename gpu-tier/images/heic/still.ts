/**
 * Checks that a HEIF file has a still image in a codec that libheif-js decodes (libde265).
 * @module
 */
import { type Box, boxes } from '@hebb/decode/avif/boxes';
import { Bytes, broken } from '@hebb/decode/bytes';
import { HebbError } from '@hebb/model/errors';

/** Supported types of the primary item: HEVC, and derived images (ISO/IEC 23008-12, 6.6). */
const DECODED = ['hvc1', 'hev1', 'grid', 'iovl', 'iden'];

/** Throws `unsupported_format`, or `broken_image` for invalid boxes. */
export function checkStill(data: Uint8Array): void {
  const file = new Bytes(data);
  const inFile = [...boxes(file, 0, file.length)];
  const meta = inFile.find(({ type }) => type === 'meta');
  if (!meta && inFile.some(({ type }) => type === 'moov')) {
    throw unsupported('is an image sequence without a still', 'Export one frame as JPEG or PNG.');
  }
  if (!meta) throw broken('it has no picture');
  const type = primaryType(file, meta);
  if (DECODED.includes(type)) return;
  const name = JSON.stringify(type);
  throw unsupported(`is coded as ${name}, and only HEVC is decoded`, 'Export it as JPEG or PNG.');
}

function primaryType(file: Bytes, meta: Box): string {
  const inMeta = [...boxes(file, meta.body + 4, meta.end)];
  const pitm = inMeta.find(({ type }) => type === 'pitm');
  const iinf = inMeta.find(({ type }) => type === 'iinf');
  if (!pitm || !iinf) throw broken('it has no primary item');
  const primary = idAt(file, pitm.body + 4, file.u8(pitm.body) > 0);
  const entries = iinf.body + 4 + (file.u8(iinf.body) > 0 ? 4 : 2);
  for (const { type, body } of boxes(file, entries, iinf.end)) {
    if (type !== 'infe' || file.u8(body) < 2) continue;
    const wide = file.u8(body) > 2;
    if (idAt(file, body + 4, wide) === primary) return file.ascii(body + (wide ? 10 : 8), 4);
  }
  throw broken('its primary item is not among its items');
}

const idAt = (file: Bytes, at: number, wide: boolean): number =>
  wide ? file.u32(at) : file.u16(at);

const unsupported = (what: string, hint: string): HebbError =>
  new HebbError('unsupported_format', `This HEIC (HEIF) image ${what}.`, { hint });
