/**
 * Published archives of labelled photographs: a top folder with one folder per class.
 * @module
 */

export interface PhotoArchive {
  readonly file: string;
  /** Mirrors, the preferred one first. Downloads are verified by sha256, so http is safe. */
  readonly urls: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
  /** Sentence about the licence, printed after the download. */
  readonly license: string;
}

/** TensorFlow's flowers: 3,670 photographs from Flickr, whose authors LICENSE.txt names. */
export const FLOWER_PHOTOS: PhotoArchive = {
  file: 'flower_photos.tgz',
  urls: [
    'https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz',
    'http://download.tensorflow.org/example_images/flower_photos.tgz',
  ],
  bytes: 228_813_984,
  sha256: '4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c',
  license: 'The photographs are licensed CC-BY; LICENSE.txt names their authors.',
};
