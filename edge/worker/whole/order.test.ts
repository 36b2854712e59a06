/**
 * An answer does not depend on previous requests: an idle isolate answers like a fresh one, whatever the
 * order of the images. In real workerd; `npm run test:all` sends more sequences.
 */

import { random } from '@hebb/test/decode/pictures';
import { type Image, isolateImages } from '@hebb/test/edge/worker/images';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const thorough = process.env.HEBB_TEST_ALL === '1';
const SEQUENCES = thorough ? 12 : 1;
const LENGTH = 30;
const CROWDS = thorough ? 10 : 1;
const CROWD = 12;

/** One image for one engine. */
interface Question {
  readonly image: Image;
  readonly engine: 'int8' | 'tfjs';
}

/** An answer without its times. The message of `image_too_large` has figures. */
interface Answer {
  readonly status: number;
  readonly predictions?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

let model: TestPackage;
let questions: Question[];
const fresh = new Map<Question, Answer>();

const nameOf = ({ image, engine }: Question) => `${image.name}, ${engine}`;

async function ask(worker: TestWorker, { image, engine }: Question): Promise<Answer> {
  const path = `/v1/classify?engine=${engine}`;
  const response = await worker.fetch(path, { method: 'POST', body: image.bytes });
  const { predictions, error } = (await response.json()) as Omit<Answer, 'status'>;
  return { status: response.status, ...(predictions ? { predictions } : { error: error! }) };
}

const start = () => startWorker({ model: model.dir });

async function onItsOwn<T>(use: (worker: TestWorker) => Promise<T>): Promise<T> {
  const worker = await start();
  try {
    return await use(worker);
  } finally {
    await worker.close();
  }
}

beforeAll(async () => {
  model = await testPackage({ classes: 1000 });
  const images = await isolateImages();
  const int8 = images.map((image): Question => ({ image, engine: 'int8' }));
  const some = images.filter(({ kind }, i) => kind !== 'refused' && i % 5 === 0);
  questions = [...int8, ...some.map((image): Question => ({ image, engine: 'tfjs' }))];
  const left = [...questions];
  const take = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const question = next;
      fresh.set(question, await onItsOwn((worker) => ask(worker, question)));
    }
  };
  await Promise.all([take(), take()]);
}, 600_000);
afterAll(() => model.remove());

const is = (kind: Image['kind']) => (question: Question) => question.image.kind === kind;

it('a fresh isolate answers what fits into its memory, and refuses the rest', () => {
  for (const [question, { status, predictions, error }] of fresh) {
    if (is('refused')(question))
      expect(error?.code, nameOf(question)).toMatch(/^(image|broken|unsup)/);
    else expect([status, predictions], nameOf(question)).toEqual([200, expect.any(Array)]);
  }
  const tooLarge = [...fresh.values()].filter(({ status }) => status === 413);
  expect(tooLarge).toHaveLength(3);
});

describe('answers equal those of a fresh isolate', () => {
  it(`sequentially, in ${SEQUENCES} orders`, { timeout: 600_000 }, async () => {
    for (let seed = 1; seed <= SEQUENCES; seed++) {
      const next = random(seed);
      await onItsOwn(async (worker) => {
        let before = 'nothing';
        for (let i = 0; i < LENGTH; i++) {
          const question = questions[Math.floor(next() * questions.length)]!;
          const about = `${nameOf(question)}, after ${before} (sequence ${seed}, image ${i})`;
          expect(await ask(worker, question), about).toEqual(fresh.get(question));
          before = nameOf(question);
        }
      });
    }
    console.info(`${SEQUENCES} sequences of ${LENGTH} images, of ${questions.length} questions.`);
  });

  it(`concurrently, ${CROWDS} times ${CROWD} images`, { timeout: 600_000 }, async () => {
    await onItsOwn(async (worker) => {
      const next = random(99);
      for (let round = 0; round < CROWDS; round++) {
        const crowd = Array.from(
          { length: CROWD },
          () => questions[Math.floor(next() * questions.length)]!,
        );
        const answers = await Promise.all(crowd.map((question) => ask(worker, question)));
        for (const [i, question] of crowd.entries()) {
          expect(answers[i], `${nameOf(question)} (round ${round})`).toEqual(fresh.get(question));
        }
      }
    });
  });
});

it('small photos are answered while large ones wait and tfjs loads', {
  timeout: 120_000,
}, async () => {
  await onItsOwn(async (worker) => {
    const tfjs = questions.find(
      ({ engine, image }) => engine === 'tfjs' && image.kind === 'small',
    )!;
    const lossless = questions.find(({ image }) => image.name === 'lossless WebP of 4K')!;
    const small = questions.filter(is('small')).filter(({ engine }) => engine === 'int8');
    await ask(worker, small[0]!); // the model is loaded
    const answered: Question[] = [];
    const send = async (question: Question) => {
      const answer = await ask(worker, question);
      answered.push(question);
      expect(answer, nameOf(question)).toEqual(fresh.get(question));
    };
    const large = Array.from({ length: 8 }, () => lossless);
    await Promise.all([tfjs, ...large, ...small].map(send));
    const last = answered.lastIndexOf(lossless);
    const inTime = answered.slice(0, last).filter((question) => small.includes(question));
    expect(inTime).toHaveLength(small.length);
  });
});
