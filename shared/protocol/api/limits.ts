/** Limits of the edge, which clients can check too. */
export const API_LIMITS = {
  /** Of one image, and of an image from a URL: bytes. */
  imageBytes: 20e6,
  urlImageBytes: 10e6,
  /**
   * Of `POST /v1/classify`: parts of a form, and bytes of JSON beside the base64 of the image.
   */
  formParts: 1000,
  jsonBytes: 16_384,
  /**
   * Of `POST /v1/batch`: images, and bytes of each; entries of any kind, including folders and blank lines;
   * unpacked size of an archive, bytes.
   */
  batch: { images: 500, imageBytes: 7.5e6, entries: 10_000, unpackedBytes: 1e9 },
  /** Of `POST /v1/jobs`. */
  job: { images: 2000 },
} as const;
