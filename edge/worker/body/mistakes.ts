/**
 * Detects common mistakes of callers before decoding. Mistakes that the bytes alone show are detected with
 * the formats (shared/decode/sniff.ts).
 * @module
 */
import { Bytes } from '@hebb/decode/bytes';
import { nameFormat, readAsText } from '@hebb/decode/sniff';
import { HebbError } from '@hebb/model/errors';

/** The Content-Type that `curl -d` and `curl --data-binary` send. */
const FORM = 'application/x-www-form-urlencoded';

const SEND = 'Use curl --data-binary @photo.jpg instead of -d, which removes bytes from the file.';

/** Bytes that are checked: this many random bytes lack those that `curl -d` drops with a chance of e^-750. */
const LOOKED_AT = 65_536;
/** Fewer bytes may lack them by chance. */
const ENOUGH = 1_024;

/** The caller's mistake; undefined if none is detected. */
export function mistakeOf(image: Uint8Array, mediaType = ''): HebbError | undefined {
  // Some formats keep their signature even then.
  const decodedAsText = readAsText(image);
  if (decodedAsText) return named(decodedAsText);
  if (mediaType !== FORM) return undefined;
  const text = formText(image);
  if (text) return text;
  const format = nameFormat(new Bytes(image));
  if (format) return undefined; // the decoder reports it
  return isStripped(image) ? withoutBytes() : undefined;
}

/** Adds to the error of a broken image what may have broken it. */
export function explained(error: HebbError, mediaType: string): HebbError {
  const broken = error.code === 'broken_image' || error.code === 'unsupported_format';
  if (!broken || mediaType !== FORM || error.hint.includes('curl')) return error;
  const hint = `${error.hint} If it was sent with curl -d, use --data-binary instead.`;
  return new HebbError(error.code, error.message, { hint, cause: error });
}

/** `image=…`, or the name of a file instead of its content. */
function formText(image: Uint8Array): HebbError | undefined {
  const head = new TextDecoder().decode(image.subarray(0, 256));
  if (/^@?[\w./ ()~-]{1,200}\.(jpe?g|png|webp|avif|gif|hei[cf])$/i.test(head.trim())) {
    return new HebbError('unsupported_format', 'The body is the name of a file, not its content.', {
      hint: 'Write @ before the name: curl --data-binary @photo.jpg.',
    });
  }
  if (!/^[\w[\]-]{1,64}=/.test(head)) return undefined;
  const message = 'The body is a URL-encoded form, which cannot hold an image.';
  return new HebbError('unsupported_format', message, {
    hint: 'Use curl -F image=@photo.jpg or --data-binary @photo.jpg instead of -d.',
  });
}

/** Every image has zeros in its header; `curl -d` removes them and all line breaks. */
function isStripped(image: Uint8Array): boolean {
  const looked = image.subarray(0, LOOKED_AT);
  return looked.length >= ENOUGH && [0, 10, 13].every((dropped) => !looked.includes(dropped));
}

const withoutBytes = () =>
  new HebbError('broken_image', 'All zero bytes and line breaks are missing from the image.', {
    hint: SEND,
  });

const named = ({ name, hint }: { readonly name: string; readonly hint?: string }) =>
  new HebbError('unsupported_format', `This is ${name}.`, hint ? { hint } : {});
