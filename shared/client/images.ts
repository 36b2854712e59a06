/**
 * The caller's images, and the bodies that carry them.
 * @module
 */
import { HebbError } from '@hebb/model/errors';

/** An encoded image: JPEG, PNG, WebP, AVIF or GIF. */
export type EncodedImage = Blob | ArrayBuffer | Uint8Array<ArrayBuffer>;

/** The URL of an image on an allowed host; the Worker fetches it. */
export interface ImageUrl {
  readonly url: string;
}

/** An image of a batch or job. A `File` brings its name. */
export type NamedImage =
  | Blob
  | { readonly name?: string; readonly image: EncodedImage }
  | (ImageUrl & { readonly name?: string });

export interface Body {
  readonly body: Blob | FormData | string;
  readonly contentType?: string;
}

const isUrl = (image: object): image is ImageUrl & { readonly name?: string } => 'url' in image;

/** A body for `POST /v1/classify`. */
export function oneImage(image: EncodedImage | ImageUrl): Body {
  if ('url' in image) return { body: JSON.stringify(image), contentType: 'application/json' };
  return { body: blobOf(image), contentType: 'application/octet-stream' };
}

/** A body for `POST /v1/batch` and `POST /v1/jobs`. Throws `invalid_argument` for a mixture. */
export function manyImages(images: readonly NamedImage[]): Body {
  const urls = images.filter(isUrl);
  if (urls.length === 0) return { body: form(images as readonly Exclude<NamedImage, ImageUrl>[]) };
  if (urls.length === images.length) {
    const lines = urls.map(({ url, name }) => `${JSON.stringify({ url, name })}\n`);
    return { body: lines.join(''), contentType: 'application/x-ndjson' };
  }
  throw new HebbError('invalid_argument', 'Some images are URLs and some are not.', {
    hint: 'Send them as two batches.',
  });
}

/** A form streams files from the disk without reading them into memory first. */
function form(images: readonly Exclude<NamedImage, ImageUrl>[]): FormData {
  const data = new FormData();
  for (const item of images) {
    const [image, name] =
      item instanceof Blob
        ? [item, item instanceof File ? item.name : '']
        : [item.image, item.name];
    data.append('image', blobOf(image), name ?? '');
  }
  return data;
}

const blobOf = (image: EncodedImage): Blob => (image instanceof Blob ? image : new Blob([image]));
