/**
 * The schema of manifests, and the function that reads them. Unknown members are ignored: a later version may
 * have added them.
 * @module
 */
import * as z from 'zod/mini';
import { HebbError } from '../errors.ts';
import { HEADS } from '../network/googlenet.ts';
import { VARIANTS, type Variant } from '../network/variant.ts';
import {
  formatOf,
  isPackageName,
  type Manifest,
  PACKAGE_FILES,
  PACKAGE_FORMAT,
  PACKAGE_FORMAT_2,
} from './manifest.ts';

/** Larger manifests are refused: 100,000 labels take about 5 MB. */
export const MAX_MANIFEST_BYTES = 32 << 20;

/** Limits of a network. Sizes are pixels of a side. */
export const NETWORK_BOUNDS = {
  classes: { least: 2, most: 100_000 },
  inputSize: { least: 32, most: 1024 },
  /** Four times the largest input: above that the centre crop would show almost nothing of the picture. */
  resizeSize: { most: 4096 },
} as const;

/** Float32 weights of 100,000 classes take 434 MB. */
const MAX_WEIGHTS_BYTES = 512 << 20;
const MAX_NAME = 1000;
/** Far above any pixel value or its reciprocal, and far below where float32 ends. */
const MAX_NORMALISATION = 1e6;

const is = (what: string) => ({ error: `must be ${what}` });

const text = (what = 'a text') => z.string(is(what));
const named = (what: string) =>
  text(what).check(z.minLength(1, is(what)), z.maxLength(MAX_NAME, is(what)));
const whole = (least: number, most: number) => {
  const what = `a whole number from ${least} to ${most}`;
  return z.int(is(what)).check(z.gte(least, is(what)), z.lte(most, is(what)));
};
const count = () => whole(0, Number.MAX_SAFE_INTEGER);
const between = (low: number, high: number) => {
  const what = `a number from ${low} to ${high}`;
  return z.number(is(what)).check(z.gte(low, is(what)), z.lte(high, is(what)));
};
const sha256 = () =>
  text('a sha256, in lower-case hex').check(
    z.regex(/^[0-9a-f]{64}$/, is('a sha256, in lower-case hex')),
  );
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, is(`one of ${values.join(', ')}`));
/** Ignores unknown members. */
const object = <T extends z.core.$ZodLooseShape>(shape: T) => z.looseObject(shape, is('an object'));

const perColour = () => {
  const number = between(-MAX_NORMALISATION, MAX_NORMALISATION);
  return z.tuple([number, number, number], is('three numbers, of red, green and blue'));
};

const accuracy = () => object({ top1: between(0, 100), top5: between(0, 100) });
const averagePrecision = () =>
  z.exactOptional(
    object({
      float: z.exactOptional(between(0, 100)),
      int8: z.exactOptional(between(0, 100)),
    }),
  );
const digest = () => object({ sha256: sha256(), bytes: whole(1, MAX_WEIGHTS_BYTES) });
const texts = () => z.record(z.string(), text(), is('an object of texts'));

const schema: z.ZodMiniType<Manifest> = object({
  format: z.enum(
    [PACKAGE_FORMAT, PACKAGE_FORMAT_2],
    is(`"${PACKAGE_FORMAT}" or "${PACKAGE_FORMAT_2}"`),
  ),
  name: text('a short lower-case slug').check(
    z.refine(isPackageName, is('a short lower-case slug')),
  ),
  version: sha256(),
  network: object({
    variant: oneOf(Object.keys(VARIANTS) as Variant[]),
    classes: whole(NETWORK_BOUNDS.classes.least, NETWORK_BOUNDS.classes.most),
    inputSize: whole(NETWORK_BOUNDS.inputSize.least, NETWORK_BOUNDS.inputSize.most),
    folded: z.exactOptional(z.boolean(is('true or false'))),
    output: z.exactOptional(z.literal('sigmoid', is('"sigmoid", or absent for softmax'))),
    head: z.exactOptional(oneOf(HEADS)),
  }),
  preprocessing: object({
    channelOrder: oneOf(['rgb', 'bgr']),
    mean: perColour(),
    scale: perColour(),
    resize: object({
      rule: oneOf(['warp', 'shorter-side']),
      size: whole(1, NETWORK_BOUNDS.resizeSize.most),
    }),
    crop: whole(1, NETWORK_BOUNDS.inputSize.most),
  }),
  labels: z.array(
    object({
      id: z.exactOptional(named('a text that is not empty')),
      name: named(`a text of 1 to ${MAX_NAME} characters`),
      threshold: z.exactOptional(between(0, 1)),
    }),
    is('a list of labels'),
  ),
  files: object({
    [PACKAGE_FILES.f32]: z.exactOptional(digest()),
    [PACKAGE_FILES.int8]: z.exactOptional(digest()),
  }),
  quantization: z.exactOptional(
    object({
      scheme: z.literal('w8a7', is('"w8a7"')),
      scales: text(),
      calibrationImages: count(),
      evaluationImages: count(),
      float: z.exactOptional(accuracy()),
      int8: z.exactOptional(accuracy()),
      meanAveragePrecision: averagePrecision(),
      agreement: between(0, 100),
      steps: z.exactOptional(
        z.array(
          object({
            step: text(),
            taken: z.boolean(is('true or false')),
            agreement: between(0, 100),
            loss: z.exactOptional(between(-100, 100)),
            divergence: between(-1, 1e6),
            decibels: between(-200, 200),
          }),
          is('a list of steps'),
        ),
      ),
    }),
  ),
  metrics: z.exactOptional(
    object({
      data: text(),
      images: count(),
      float: z.exactOptional(accuracy()),
      int8: z.exactOptional(accuracy()),
      meanAveragePrecision: averagePrecision(),
    }),
  ),
  training: z.exactOptional(
    object({ data: text(), images: count(), fingerprint: text(), settings: texts() }),
  ),
  split: z.exactOptional(digest()),
  lineage: texts(),
});

/** Parses and checks a manifest. Throws `invalid_package` naming the first member that is wrong. */
export function parseManifest(json: string): Manifest {
  if (json.length > MAX_MANIFEST_BYTES) {
    throw wrong('the whole', `must have at most ${MAX_MANIFEST_BYTES} characters`);
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new HebbError('invalid_package', 'manifest.json is not JSON.', { cause });
  }
  const { error } = schema.safeParse(value, { reportInput: true });
  const [issue] = error?.issues ?? [];
  if (issue) {
    const what = `${issue.message}, not ${shown(issue.input)}`;
    throw wrong(memberOf(issue.path), what, issue.path[0] === 'format' ? NEWER : undefined);
  }
  const manifest = value as Manifest; // unchanged: its version is a digest of its members in this order
  checkTogether(manifest);
  return manifest;
}

/** Conditions on several members. */
function checkTogether({ format, network, preprocessing, labels, files }: Manifest): void {
  const { classes, inputSize, variant, head } = network;
  const { crop, resize } = preprocessing;
  if (format !== formatOf(network)) {
    const what = network.output ?? 'softmax';
    throw wrong('format', `must be "${formatOf(network)}" for a network that ends in ${what}`);
  }
  const limited = labels.findIndex(({ threshold }) => threshold !== undefined);
  if (network.output === undefined && limited >= 0) {
    throw wrong(`labels[${limited}].threshold`, 'cannot be: the network ends in softmax');
  }
  if (labels.length !== classes) {
    throw wrong('labels', `must be one per class: ${classes}, not ${labels.length}`);
  }
  if (crop !== inputSize) {
    throw wrong('preprocessing.crop', `must be the input size, ${inputSize}, not ${crop}`);
  }
  if (resize.size < crop) {
    throw wrong(
      'preprocessing.resize.size',
      `must be at least the crop, ${crop}, not ${resize.size}`,
    );
  }
  if (VARIANTS[variant].naive && files[PACKAGE_FILES.int8]) {
    throw wrong(`files["${PACKAGE_FILES.int8}"]`, 'cannot be: naive modules are not quantised');
  }
  if (head === 'fullyConnected' && files[PACKAGE_FILES.int8]) {
    throw wrong(
      `files["${PACKAGE_FILES.int8}"]`,
      'cannot be: a fully connected head is not quantised',
    );
  }
}

const NEWER = 'A newer version of Hebb may have made the package: update this one.';

const wrong = (member: string, what: string, hint?: string) =>
  new HebbError(
    'invalid_package',
    `manifest.json: ${member} ${what}.`,
    hint === undefined ? {} : { hint },
  );

/** In JavaScript's notation: `labels[3].name`. */
function memberOf(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[a-z_]\w*$/i.test(String(key)) ? `.${String(key)}` : `["${String(key)}"]`;
  });
  return parts.join('').replace(/^\./, '') || 'the whole';
}

const SHOWN = 60;

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
