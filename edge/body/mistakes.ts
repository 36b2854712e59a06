/**
 * What goes wrong most often on the way from a file to a request, told before it is tried to decode.
 * What shows in the bytes alone is named with the formats (shared/decode/sniff.ts).
 * @module
 */
import { Bytes } from '../../shared/decode/bytes.ts';
import { nameFormat, readAsText } from '../../shared/decode/sniff.ts';
import { HebbError } from '../../shared/model/errors.ts';

/** What `curl -d` says of its body, and `curl --data-binary` too. */
const FORM = 'application/x-www-form-urlencoded';

const SEND = 'Use curl --data-binary @photo.jpg in place of -d, which takes bytes out of the file.';

/** Bytes that are looked at: random bytes of this number lack what `curl -d` drops once in e^750. */
const LOOKED_AT = 65_536;
/** Of fewer it may be chance. */
const ENOUGH = 1_024;

/** What was done to the image on its way; undefined when it looks well. */
export function mistakeOf(image: Uint8Array, mediaType = ''): HebbError | undefined {
  // Some formats still show their mark when everything else is spoilt.
  const spoilt = readAsText(image);
  if (spoilt) return named(spoilt);
  if (mediaType !== FORM) return undefined;
  const text = formText(image);
  if (text) return text;
  const format = nameFormat(new Bytes(image));
  if (format) return undefined; // the decoder says so
  return isStripped(image) ? withoutBytes() : undefined;
}

/** The error of an image that is broken, with what may have broken it. */
export function explained(error: HebbError, mediaType: string): HebbError {
  const broken = error.code === 'broken_image' || error.code === 'unsupported_format';
  if (!broken || mediaType !== FORM || error.hint.includes('curl')) return error;
  const hint = `${error.hint} If it was sent with curl -d: use --data-binary in place of it.`;
  return new HebbError(error.code, error.message, { hint, cause: error });
}

/** `image=…`, or a file name where its content was meant. */
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
    hint: 'Use curl -F image=@photo.jpg in place of -d, or --data-binary @photo.jpg.',
  });
}

/** Every image has zeros in its header; `curl -d` takes them out, and all line breaks. */
function isStripped(image: Uint8Array): boolean {
  const looked = image.subarray(0, LOOKED_AT);
  return looked.length >= ENOUGH && [0, 10, 13].every((dropped) => !looked.includes(dropped));
}

const withoutBytes = () =>
  new HebbError('broken_image', 'The image lacks every zero and line break that it had.', {
    hint: SEND,
  });

const named = ({ name, hint }: { readonly name: string; readonly hint?: string }) =>
  new HebbError('unsupported_format', `This is ${name}.`, hint ? { hint } : {});
