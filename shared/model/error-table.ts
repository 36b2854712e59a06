/**
 * The table of errors that both tiers, the client and the command line share: one row per code.
 * OpenAPI (edge/worker/openapi), the exit codes of `hebb`, the pages' smaller copy (edge/local/error-table.ts)
 * and the table in docs/api.md are made from it.
 * @module
 */

/** A route of the edge that is described in OpenAPI: method and path, as edge/worker/openapi/routes.ts has them. */
export type ErrorRoute =
  | 'POST /v1/classify'
  | 'POST /v1/batch'
  | 'GET /v1/jobs'
  | 'POST /v1/jobs'
  | 'GET /v1/jobs/:id'
  | 'DELETE /v1/jobs/:id'
  | 'GET /v1/jobs/:id/results'
  | 'POST /v1/jobs/:id/replay'
  | 'GET /v1/models'
  | 'GET /v1/models/:version/files/:file'
  | 'GET /readyz'
  | 'GET /debug/memory'
  | 'GET /'
  | 'GET /network'
  | 'GET /docs'
  | 'GET /assets/*';

export interface ErrorRow {
  /** When it is raised, one sentence. */
  readonly when: string;
  /** What the reader can do about it; a HebbError may give a more precise one. */
  readonly hint: string;
  /** HTTP status (RFC 9110) of an answer with this error, from the edge or the GPU tier. */
  readonly status?:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 409
    | 410
    | 413
    | 415
    | 422
    | 429
    | Status5xx;
  /** Exit code of `hebb`, for errors that the command line raises; other errors end it with 1. */
  readonly exit?: 1 | 2;
  /**
   * Which routes of the edge answer with it: `all`, those that need a key (`keyed`), or these. `line`: only
   * as the error of one image, in a line of results.
   */
  readonly routes?: 'all' | 'keyed' | 'line' | readonly ErrorRoute[];
  /** The answer has a `Retry-After`. */
  readonly retryAfter?: true;
  /** It concerns one image; the other images of the request are still classified. */
  readonly ofImage?: true;
  /** Code in the browser raises it, so the pages' script carries its hint. */
  readonly page?: true;
}

type Status5xx = 500 | 501 | 502 | 503 | 504 | 507;
type Rows = Record<string, ErrorRow>;

const ONE = ['POST /v1/classify'] as const;
const MANY = ['POST /v1/batch', 'POST /v1/jobs'] as const;
const BODIES = [...ONE, ...MANY] as const;
const MODEL = [
  ...BODIES,
  'GET /v1/models',
  'GET /v1/models/:version/files/:file',
  'GET /readyz',
] as const;
const FILES = [
  'GET /v1/models/:version/files/:file',
  'GET /debug/memory',
  'GET /',
  'GET /network',
  'GET /docs',
  'GET /assets/*',
] as const;

const REQUEST = {
  not_found: {
    when: 'No route has this path.',
    hint: 'POST an image to /v1/classify.',
    status: 404,
    routes: FILES,
  },
  method_not_allowed: {
    when: 'The route exists, but not with this method.',
    hint: 'Use a method that the Allow header names.',
    status: 405,
    routes: 'all',
  },
  invalid_argument: {
    when: 'A query parameter, header, JSON field or option has a value that is not allowed.',
    hint: 'Correct the named parameter.',
    status: 400,
    exit: 2,
    routes: [...BODIES, 'GET /v1/jobs', 'GET /v1/jobs/:id/results'],
    page: true,
  },
  missing_image: {
    when: 'The body is empty or contains no image.',
    hint: 'Send the image as the raw body, as the multipart field "image", or as JSON {"image": base64} or {"url": "https://…"}.',
    status: 400,
    routes: BODIES,
    ofImage: true,
  },
  body_too_large: {
    when: 'The body is larger than the limit for one image, as sent or after decompression.',
    hint: 'Send a smaller file.',
    status: 413,
    routes: BODIES,
  },
  body_timeout: {
    when: 'The body took too long to arrive.',
    hint: 'Send it again over a faster connection, or send a smaller one.',
    status: 408,
    routes: BODIES,
  },
  body_incomplete: {
    when: 'The connection broke before the whole body had arrived.',
    hint: 'Send the request again.',
    status: 400,
    routes: BODIES,
  },
  image_too_large: {
    when: 'Decoding the image would take more memory than is allowed.',
    hint: 'Scale the image down, or send it as a baseline JPEG.',
    status: 413,
    routes: ONE,
    ofImage: true,
    page: true,
  },
  unsupported_format: {
    when: 'The bytes are not in a supported image format, or were altered in transit.',
    hint: 'Send JPEG, PNG, WebP, AVIF or GIF.',
    status: 415,
    routes: BODIES,
    ofImage: true,
  },
  broken_image: {
    when: 'The format is supported, but the data is damaged or truncated.',
    hint: 'Check that the file is complete and opens in a viewer.',
    status: 422,
    routes: ONE,
    ofImage: true,
    page: true,
  },
  url_refused: {
    when: 'The URL of an image is not an https URL of an allowed host, or leads into a private network.',
    hint: 'Use an https URL of an allowed host that redirects to allowed hosts only, or send the image itself.',
    status: 403,
    routes: ONE,
  },
  url_failed: {
    when: 'The host of the image URL did not send the image, or not in time.',
    hint: 'Check that the URL opens, or send the image itself.',
    status: 502,
    routes: ONE,
  },
} as const satisfies Rows;

const JOBS = {
  job_not_found: {
    when: 'There is no job with this id, it belongs to another caller, or it has expired.',
    hint: 'GET /v1/jobs lists your jobs; each is kept for a week.',
    status: 404,
    routes: [
      'GET /v1/jobs',
      'POST /v1/jobs',
      'GET /v1/jobs/:id',
      'DELETE /v1/jobs/:id',
      'GET /v1/jobs/:id/results',
      'POST /v1/jobs/:id/replay',
    ],
  },
  idempotency_reused: {
    when: 'The Idempotency-Key was used before, with a different request.',
    hint: 'Use a new Idempotency-Key for each request.',
    status: 422,
    routes: MANY,
  },
  webhook_refused: {
    when: 'Webhooks to this URL are not allowed, or webhooks cannot be signed on this service.',
    hint: 'Poll GET /v1/jobs/ID instead. The operator of the service lists allowed hosts in HEBB_WEBHOOK_ALLOW.',
    status: 403,
    routes: ['POST /v1/jobs'],
  },
  webhook_failed: {
    when: 'The receiver of a webhook did not answer, or not with 2xx.',
    hint: 'Check that the URL answers with 2xx within ten seconds.',
  },
  job_expired: {
    when: 'The image of a job was not classified in the time for which images are kept.',
    hint: 'Send the images again.',
    status: 410,
    routes: 'line',
  },
  job_failed: {
    when: 'A job that `hebb jobs follow` followed has ended, and some images failed every attempt.',
    hint: 'hebb jobs replay ID tries them again.',
    exit: 1,
  },
  job_not_replayable: {
    when: 'The job has no images that can be tried again.',
    hint: 'GET /v1/jobs/ID and its results say what happened to each image.',
    status: 409,
    routes: ['POST /v1/jobs/:id/replay'],
  },
} as const satisfies Rows;

const BATCHES = {
  unsupported_encoding: {
    when: 'The body has a Content-Encoding that the GPU tier does not support.',
    hint: 'Send it with Content-Encoding gzip, deflate, or none.',
    status: 415,
  },
  invalid_batch: {
    when: 'The body of a batch has an unsupported media type, or is too damaged to be read on.',
    hint: 'Send multipart/form-data, application/x-tar, application/zip or application/x-ndjson.',
    status: 400,
    routes: MANY,
  },
  batch_too_large: {
    when: 'A batch has too many images or entries, or its archive is too large when unpacked.',
    hint: 'Send several batches, or a job: POST /v1/jobs.',
    status: 413,
    routes: MANY,
    page: true,
  },
  batch_running: {
    when: 'A request with this Idempotency-Key is still running.',
    hint: 'Send it again after the seconds in Retry-After.',
    status: 409,
    routes: ['POST /v1/batch'],
    retryAfter: true,
  },
  gpu_unavailable: {
    when: 'The request needs the GPU tier, which does not answer or is not configured.',
    hint: 'Try again later, or leave out tier=gpu.',
    status: 503,
    routes: ONE,
    retryAfter: true,
  },
  edge_exhausted: {
    when: 'The GPU tier does not answer, and the edge has no CPU time left in this request for the image.',
    hint: 'Send the remaining images as a job (POST /v1/jobs), or wait until the GPU tier is back.',
    status: 503,
    routes: ONE,
    retryAfter: true,
  },
  hop_refused: {
    when: 'The signature of a request to the GPU tier is missing or wrong.',
    hint: 'Set the same HEBB_HOP_SECRET on both tiers, and set their clocks.',
    status: 401,
  },
} as const satisfies Rows;

const ACCESS = {
  key_required: {
    when: 'The route needs an API key, and the request has none.',
    hint: 'Send Authorization: Bearer KEY. The operator of the service makes keys with hebb keys create.',
    status: 401,
    routes: 'keyed',
  },
  key_invalid: {
    when: 'The API key is malformed or unknown, was revoked or replaced, or has expired.',
    hint: 'Check the key, or ask for a new one.',
    status: 401,
    routes: 'keyed',
  },
  scope_missing: {
    when: 'The API key is valid, but lacks the scope that the route needs.',
    hint: 'Use a key that has the named scope.',
    status: 403,
    routes: 'keyed',
  },
  origin_refused: {
    when: 'A web page called from an origin that is not allowed.',
    hint: 'Ask the operator of the service to list the page’s origin in HEBB_CORS_ORIGINS.',
    status: 403,
    routes: 'keyed',
  },
  rate_limited: {
    when: 'The key, or the IP address, made more requests than its limit.',
    hint: 'Try again after the seconds in Retry-After.',
    status: 429,
    routes: 'keyed',
    retryAfter: true,
  },
  keys_unreadable: {
    when: 'The store of API keys does not answer, so no key can be checked.',
    hint: 'Try again in a few seconds.',
    status: 503,
    routes: 'keyed',
  },
} as const satisfies Rows;

const SERVICE = {
  overloaded: {
    when: 'All slots of this instance are taken, and its queue is full.',
    hint: 'Try again after the seconds in Retry-After.',
    status: 503,
    routes: MODEL,
    retryAfter: true,
  },
  model_unavailable: {
    when: 'The model is still loading, or there is none.',
    hint: 'Wait until /readyz answers 200. If it never does, the log of the service says why.',
    status: 503,
    routes: MODEL,
    page: true,
  },
  model_not_found: {
    when: 'The service does not have the requested model.',
    hint: 'GET /v1/models lists the models.',
    status: 404,
    routes: ['GET /v1/models/:version/files/:file'],
  },
  host_restarted: {
    when: 'The process that holds the model ended while it worked on this request.',
    hint: 'Send the request again: the model is being reloaded.',
    status: 503,
  },
  deadline_exceeded: {
    when: 'The result was not ready before the deadline of the request.',
    hint: 'Allow more time, or send fewer images at once.',
    status: 504,
    routes: ONE,
  },
  shutting_down: {
    when: 'The service is shutting down and accepts no new requests.',
    hint: 'Send the request again: another instance will answer it.',
    status: 503,
    page: true,
  },
  engine_unavailable: {
    when: 'The requested engine cannot run this model here.',
    hint: 'Leave out ?engine= to use int8.',
    status: 501,
    routes: ONE,
    page: true,
  },
  internal: {
    when: 'A bug in Hebb.',
    hint: 'Report it with the request id.',
    status: 500,
    exit: 1,
    routes: 'all',
    page: true,
  },
} as const satisfies Rows;

/** Some of them also reach HTTP, when a GPU tier loads a package for `POST /v2/repository/…/load`. */
const PACKAGES = {
  invalid_package: {
    when: 'A model package, or a file in it, is damaged or incomplete.',
    hint: 'Import or train the package again.',
    status: 422,
    exit: 1,
    page: true,
  },
  model_too_large: {
    when: 'The int8 engine of a model needs more memory than an isolate of the edge has for it.',
    hint: 'Train or import it for a smaller input, or with fewer classes. The GPU tier can serve it as it is.',
    status: 422,
    exit: 1,
  },
  unsupported_model: {
    when: 'A model file is not a GoogLeNet, or is a variant that cannot be imported.',
    hint: 'Import a GoogLeNet (Inception v1) in ONNX.',
    status: 422,
    exit: 1,
    page: true,
  },
  accuracy_loss: {
    when: 'Quantisation lost more accuracy than --max-loss allows.',
    hint: 'Calibrate on more images, or raise --max-loss.',
    exit: 1,
  },
  unknown_class: {
    when: 'A data set has a class that is not among the labels of the model package.',
    hint: 'Name the classes after the labels of the package, or after their ids.',
    exit: 1,
  },
  labels_differ: {
    when: 'The packages of an ensemble do not have the same labels.',
    hint: 'Name packages that were trained on the same classes.',
    exit: 1,
  },
  not_quantized: {
    when: 'A package cannot be published without int8 weights that passed the accuracy gate.',
    hint: 'Run hebb quantize PACKAGE --calibrate FOLDER first.',
    exit: 1,
  },
  not_logged_in: {
    when: 'wrangler is not logged in to Cloudflare, or lacks the permission to publish.',
    hint: 'Run npx wrangler login, or set CLOUDFLARE_API_TOKEN.',
    exit: 1,
  },
  publish_failed: {
    when: 'An object or the pointer could not be written; the live model has not changed.',
    hint: 'Run the command again: it skips what is already uploaded.',
    exit: 1,
  },
  not_live: {
    when: 'The pointer to the current model was moved, but the Worker still serves another model.',
    hint: 'See what the Worker says about it: curl EDGE/v1/models',
    exit: 1,
  },
  key_not_found: {
    when: 'No API key has this id.',
    hint: 'hebb keys list shows the ids.',
    exit: 1,
  },
  keys_not_stored: {
    when: 'The API keys could not be read or written; none has changed.',
    hint: 'Run the command again.',
    exit: 1,
  },
  training_diverged: {
    when: 'The loss became NaN or infinite because the learning rate was too high.',
    hint: 'Start again with a smaller --rate, or with --clip-norm 5.',
    exit: 1,
  },
  no_better_than_chance: {
    when: 'Training ended with an accuracy on the validation images no better than guessing.',
    hint: 'Train longer (--epochs), with another --rate, or with --recipe quick; and check that each folder holds the class that its name says.',
    exit: 1,
  },
  run_in_use: {
    when: 'Another process is working in the folder of this run.',
    hint: 'Wait until it ends, or stop it first.',
    exit: 1,
  },
  disk_full: {
    when: 'The disk or the user’s quota is full, or too small for the work.',
    hint: 'Free some space, or name a folder on another disk.',
    status: 507,
    exit: 1,
  },
  not_writable: {
    when: 'A file or folder cannot be written: no permission, or a read-only file system.',
    hint: 'Name a folder that you may write to.',
    status: 403,
    exit: 1,
  },
  images_failed: {
    when: '`hebb classify` has ended, and some images were not classified.',
    hint: 'Their lines say why.',
    exit: 1,
  },
  file_not_found: {
    when: 'A named file or folder does not exist or cannot be read.',
    hint: 'Check the path.',
    status: 404,
    exit: 1,
  },
  invalid_dataset: {
    when: 'A data set has no images or too few classes, or contradicts itself.',
    hint: 'Give a folder of class folders, train/ and val/ of them, or a CSV of path,label.',
    exit: 1,
  },
  native_unavailable: {
    when: 'TensorFlow’s native library is not installed, cannot be built, or does not run on this machine.',
    hint: 'Run hebb doctor, or choose --backend wasm.',
    status: 501,
    exit: 1,
  },
  native_unusable: {
    when: 'TensorFlow’s native library is installed but unusable: no permission, damaged, or of another machine.',
    hint: 'Run hebb doctor as the user that the service runs as.',
    status: 501,
    exit: 1,
  },
  edge_unreachable: {
    when: 'No Worker of Hebb answers at the address that the client was given.',
    hint: 'Check the address, and that the Worker runs.',
    exit: 1,
    page: true,
  },
  machine_not_ready: {
    when: '`hebb doctor` found a problem.',
    hint: 'Follow the lines with arrows, and run hebb doctor again.',
    exit: 1,
  },
  port_taken: {
    when: 'A server cannot listen on its port.',
    hint: 'Choose another one with --port.',
    exit: 1,
  },
  state_in_use: {
    when: 'Another `npm start` uses the folder that holds the local R2 and KV.',
    hint: 'Stop that one, or name another folder: HEBB_STATE=FOLDER.',
    exit: 1,
  },
  download_failed: {
    when: 'A download failed: no network, or no mirror answers.',
    hint: 'Check the network and run the command again: it resumes.',
    exit: 1,
  },
  checksum_mismatch: {
    when: 'A downloaded file does not have the published checksum.',
    hint: 'Run the command again to download it again.',
    exit: 1,
    page: true,
  },
} as const satisfies Rows;

/** The rows in groups, for people. */
export const ERROR_GROUPS = {
  'The request': REQUEST,
  Jobs: JOBS,
  'Batches and the two tiers': BATCHES,
  Access: ACCESS,
  'The service': SERVICE,
  'Model packages and the command line': PACKAGES,
} as const;

const TABLE = {
  ...REQUEST,
  ...JOBS,
  ...BATCHES,
  ...ACCESS,
  ...SERVICE,
  ...PACKAGES,
} as const;

export type ErrorCode = keyof typeof TABLE;

export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = TABLE;

/** The codes of rows that `accept` accepts, in the order of the table. */
export const codesWhere = (accept: (row: ErrorRow) => unknown): readonly ErrorCode[] =>
  (Object.keys(ERRORS) as ErrorCode[]).filter((code) => accept(ERRORS[code]));

/** Errors that concern one image and leave the other images of its request alone. */
export const IMAGE_ERRORS = codesWhere(({ ofImage }) => ofImage);
