/** What an edge takes at most; clients can keep to it by themselves. */
export const API_LIMITS = {
  /** Of one image, and of one by a URL: bytes. */
  imageBytes: 20e6,
  urlImageBytes: 10e6,
  /** Of `POST /v1/batch`: images, and bytes of each. */
  batch: { images: 500, imageBytes: 7.5e6 },
  /** Of `POST /v1/jobs`. */
  job: { images: 2000 },
} as const;
