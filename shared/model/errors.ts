/**
 * The one table of errors that both tiers and the command line answer with.
 * Each entry says when it fires, its HTTP status, and what the reader can do about it.
 * docs/api.md is made of it: `npm run docs`.
 * @module
 */

interface ErrorKind {
  /** HTTP status (RFC 9110). */
  readonly status: number;
  /** What to do next; shown to the caller as `hint`. */
  readonly hint: string;
}

export const ERRORS = {
  // -- the request --
  /** No route answers this path. */
  not_found: { status: 404, hint: 'POST an image to /v1/classify.' },
  /** The route exists, the method does not. */
  method_not_allowed: { status: 405, hint: 'Use the method named in the Allow header.' },
  /** A query parameter, header or JSON field has a value out of its range. */
  invalid_argument: { status: 400, hint: 'Correct the named parameter.' },
  /** The body is empty, or holds no image where one was expected. */
  missing_image: {
    status: 400,
    hint: 'Send the image as the raw body, as the multipart field "image", or as JSON {"image": base64} or {"url": "https://…"}.',
  },
  /** More bytes than this service reads for one image, as they come or unpacked. */
  body_too_large: { status: 413, hint: 'Send a smaller file.' },
  /** The body took longer to arrive than memory may be held for it. */
  body_timeout: { status: 408, hint: 'Send it again over a faster connection, or smaller.' },
  /** The connection broke before the whole body was there. */
  body_incomplete: { status: 400, hint: 'Send the request again.' },
  /** Decoding would take more memory than the isolate may spend. */
  image_too_large: { status: 413, hint: 'Scale the image down, or send it as a baseline JPEG.' },
  /** The bytes are of no image format that is decoded here, or were changed on their way. */
  unsupported_format: { status: 415, hint: 'Send JPEG, PNG, WebP, AVIF or GIF.' },
  /** The format is known, the bytes are broken or cut off. */
  broken_image: { status: 422, hint: 'Check that the file is complete and opens in a viewer.' },
  /** The URL of an image is not of an https host that is listed, or leads into a private network. */
  url_refused: {
    status: 403,
    hint: 'Give an https URL of a listed host, which redirects to listed hosts only, or send the image itself.',
  },
  /** Whoever has the image at its URL did not give it, or not in time. */
  url_failed: { status: 502, hint: 'Check that the URL opens, or send the image itself.' },
  // -- jobs --
  /** There is no job of that id, or it is another caller's, or its time is over. */
  job_not_found: { status: 404, hint: 'GET /v1/jobs lists your jobs; each is kept for a week.' },
  /** The same Idempotency-Key came with another request before. */
  idempotency_reused: { status: 422, hint: 'Make a new Idempotency-Key for each request.' },
  /** Webhooks do not go to that URL, or cannot be signed here. */
  webhook_refused: {
    status: 403,
    hint: 'Ask GET /v1/jobs/ID instead. Whoever runs this lists hosts in HEBB_WEBHOOK_ALLOW.',
  },
  /** Whoever was to be told that a job has ended did not answer, or not with 2xx. */
  webhook_failed: { status: 502, hint: 'See that the URL answers with 2xx within ten seconds.' },
  /** A job was not done in the time that its inputs are kept. */
  job_expired: { status: 410, hint: 'Send the images again.' },
  /** A job that `hebb jobs follow` followed has ended, with images that kept failing. */
  job_failed: { status: 502, hint: 'hebb jobs replay ID tries them again.' },
  /** Nothing of the job can be tried again. */
  job_not_replayable: { status: 409, hint: 'hebb jobs show ID says what became of it.' },
  // -- batches and the two tiers --
  /** The body is packed in a way that is not unpacked here. */
  unsupported_encoding: {
    status: 415,
    hint: 'Send it with Content-Encoding gzip, deflate, or none.',
  },
  /** The body of a batch is of no kind that is read here, or broken in a way that ends it. */
  invalid_batch: {
    status: 400,
    hint: 'Send multipart/form-data, application/x-tar, application/zip or application/x-ndjson.',
  },
  /** A batch has too many images or entries, or its archive unpacks to too much. */
  batch_too_large: { status: 413, hint: 'Send several batches, or a job: POST /v1/jobs.' },
  /** A request with this Idempotency-Key is being worked on. */
  batch_running: { status: 409, hint: 'Send it again after the seconds in Retry-After.' },
  /** The GPU tier was asked for, and does not answer, or there is none. */
  gpu_unavailable: { status: 503, hint: 'Try again later, or leave out tier=gpu.' },
  /** The GPU tier is away, and the image is beyond the CPU time that the edge has for one request. */
  edge_exhausted: {
    status: 503,
    hint: 'Send what is left as a job (POST /v1/jobs), or again when the GPU tier is back.',
  },
  /** A request to the GPU tier is not signed as it must be. */
  hop_refused: {
    status: 401,
    hint: 'Give both tiers the same HEBB_HOP_SECRET, and set their clocks.',
  },
  // -- who may ask --
  /** No API key was shown where one is needed. */
  key_required: {
    status: 401,
    hint: 'Send Authorization: Bearer KEY. Whoever runs this makes keys with hebb keys create.',
  },
  /** The key is none, was revoked or replaced, or has ended. */
  key_invalid: { status: 401, hint: 'Check the key, or have a new one made.' },
  /** The key is good, but not for this. */
  scope_missing: { status: 403, hint: 'Use a key that was made with this --scope.' },
  /** A web page of a place that is not listed called from a browser. */
  origin_refused: { status: 403, hint: 'List the page’s origin in HEBB_CORS_ORIGINS.' },
  /** The key, or the address, made more requests than it may. */
  rate_limited: { status: 429, hint: 'Try again after the seconds in Retry-After.' },
  /** The store of the API keys does not answer, so nobody can be let in by one. */
  keys_unreadable: { status: 503, hint: 'Try again in some seconds.' },
  // -- the service --
  /** All places and the waiting line of this isolate are taken. */
  overloaded: { status: 503, hint: 'Try again after the seconds in Retry-After.' },
  /** No model is loaded yet, or none was made. */
  model_unavailable: { status: 503, hint: 'Wait for /readyz, or see the service log.' },
  /** The model that was asked for is not known here. */
  model_not_found: { status: 404, hint: 'GET /v1/models lists what is served.' },
  /** The process that holds the model ended while it worked on this request. */
  host_restarted: { status: 503, hint: 'Try again: the model is being loaded anew.' },
  /** The answer was not there by the time the request allowed. */
  deadline_exceeded: { status: 504, hint: 'Allow more time, or send fewer images at once.' },
  /** The service is ending and takes no new work. */
  shutting_down: { status: 503, hint: 'Send the request again: another instance answers it.' },
  /** The engine that was asked for cannot run this model here. */
  engine_unavailable: { status: 501, hint: 'Leave out ?engine= to use int8.' },
  /** TensorFlow's native library is not there, cannot be built or does not run on this machine. */
  native_unavailable: { status: 501, hint: 'Run hebb doctor, or choose --backend wasm.' },
  /** TensorFlow's native library is installed, and cannot be used: rights, damage, another machine's. */
  native_unusable: { status: 501, hint: 'Run hebb doctor as the user that the service runs as.' },
  /** A fault of ours. */
  internal: { status: 500, hint: 'Report it with the request id.' },
  // -- model packages and the command line --
  /** A model package, or a file in it, is not what it says. */
  invalid_package: { status: 422, hint: 'Import or train the package again.' },
  /** The int8 engine of a model would take more memory than an isolate of the edge has for it. */
  model_too_large: {
    status: 422,
    hint: 'Train or import it for a smaller input, or with fewer classes. The GPU tier can serve it as it is.',
  },
  /** A model file is not a GoogLeNet, or not one that can be imported. */
  unsupported_model: { status: 422, hint: 'Import a GoogLeNet (Inception v1) in ONNX.' },
  /** The quantised model lost more accuracy than was allowed. */
  accuracy_loss: { status: 422, hint: 'Calibrate on more images, or raise --max-loss.' },
  /** A data set has a class that the model package has no label for. */
  unknown_class: {
    status: 422,
    hint: 'Name the classes as the labels of the package, or their ids.',
  },
  /** A package without int8 weights that passed the gate cannot be published. */
  not_quantized: { status: 422, hint: 'Run hebb quantize PACKAGE --calibrate FOLDER first.' },
  /** Publishing to an account, and wrangler is not logged in, or may not do that. */
  not_logged_in: { status: 401, hint: 'Run npx wrangler login, or set CLOUDFLARE_API_TOKEN.' },
  /** An object or the pointer could not be written; what was live before still is. */
  publish_failed: { status: 502, hint: 'Run the command again: it skips what is there already.' },
  /** The pointer to the current model was moved, but the Worker that was asked serves another one. */
  not_live: { status: 504, hint: 'See what it says of it: curl EDGE/v1/models' },
  /** No API key has this id. */
  key_not_found: { status: 404, hint: 'hebb keys list shows them.' },
  /** The API keys could not be read or written; they are as they were. */
  keys_not_stored: { status: 502, hint: 'Run the command again.' },
  /** The loss is no number any more: the learning rate was too high. */
  training_diverged: {
    status: 422,
    hint: 'Start again with a smaller --rate, or with --clip-norm 5.',
  },
  /** The network learnt nothing: it finds the validation images of a class no more often than guessing does. */
  no_better_than_chance: {
    status: 422,
    hint: 'Train longer (--epochs), with another --rate, or with --recipe quick; and check that the folders hold what their names say.',
  },
  /** Another process is at work in the folder of this run. */
  run_in_use: { status: 409, hint: 'Wait until it has ended, or stop it first.' },
  /** The disk, or what its owner may use of it, is full, or would be before the work is done. */
  disk_full: { status: 507, hint: 'Free some space, or name a folder on another disk.' },
  /** A file or folder may not be written: its rights, or a file system that is read-only. */
  not_writable: { status: 403, hint: 'Name a folder that you may write to.' },
  /** `hebb classify` is done, and some images were not classified. */
  images_failed: { status: 422, hint: 'Their lines say why.' },
  /** A file or folder that was named is not there or cannot be read. */
  file_not_found: { status: 404, hint: 'Check the path.' },
  /** A data set has no images, too few classes, or contradicts itself. */
  invalid_dataset: {
    status: 422,
    hint: 'Give a folder of class folders, train/ and val/ of them, or a CSV of path,label.',
  },
  /** No Worker of Hebb answers at the address that a client was given. */
  edge_unreachable: {
    status: 502,
    hint: 'Check the address. npm start brings a Worker up on this machine.',
  },
  /** `hebb doctor` found something that will not work. */
  machine_not_ready: { status: 503, hint: 'Do what the arrows say, and run hebb doctor again.' },
  /** A server cannot listen where it should. */
  port_taken: { status: 409, hint: 'Choose another one: npm start -- --port 8790' },
  /** Another `npm start` holds the folder in which R2 and KV are kept. */
  state_in_use: { status: 409, hint: 'Stop that one, or name another folder: HEBB_STATE=FOLDER.' },
  /** A download failed for want of a network or an answering mirror. */
  download_failed: {
    status: 502,
    hint: 'Check the network and run the command again: it resumes.',
  },
  /** What was downloaded is not what was published. */
  checksum_mismatch: { status: 502, hint: 'Run the command again to download it anew.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** Errors that are of one image, and leave the others of its request alone. */
export const IMAGE_ERRORS: readonly ErrorCode[] = [
  'missing_image',
  'image_too_large',
  'unsupported_format',
  'broken_image',
];

/** The JSON body of every error answer. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string };
}

/** An error with a code of the table: what happened (`message`) and what to do (`hint`). */
export class HebbError extends Error {
  override readonly name = 'HebbError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
  }

  get status(): (typeof ERRORS)[ErrorCode]['status'] {
    return ERRORS[this.code].status;
  }

  toBody(): ErrorBody {
    return { error: { code: this.code, message: this.message, hint: this.hint } };
  }
}
