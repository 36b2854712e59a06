/**
 * The page at `/`: wires its inputs to what shows the results.
 * @module
 */
import { HebbClient, HebbError, type Model } from '@hebb/client';
import type { App, TierWish } from './app.ts';
import { byId } from './dom.ts';
import { type BrowserEngine, openBrowserEngine } from './engine/index.ts';
import { images, shortVersion } from './format.ts';
import { useCamera } from './input/camera.ts';
import { pickImages } from './input/pick.ts';
import { keptKey, keyForm } from './key.ts';
import { ManyImages } from './many/many-images.ts';
import { bytesOf, REQUEST_BYTES } from './many/portions.ts';
import { OneImage } from './one/one-image.ts';
import { problemNote, wantsKey } from './problem.ts';

/** From this many images on they are sent as a job, which outlives the page, if they fit one request. */
const JOB_FROM = 100;
/** Most images of a job, and as many as the page can show. */
const MOST_IMAGES = 2000;

const problem = byId('problem');
const status = byId('status');

let key = keptKey();
let engine: BrowserEngine | undefined;
let model: Promise<Model> | undefined;
let again: (() => void) | undefined;

const keys = keyForm((given) => {
  key = given;
  engine?.close();
  engine = undefined;
  problem.replaceChildren();
  again?.();
});

const app: App = {
  hebb: (attempts = 3) => new HebbClient({ edge: location.origin, key, retry: { attempts } }),
  engine() {
    engine ??= openBrowserEngine(key === undefined ? {} : { key });
    return engine;
  },
  model() {
    model ??= app
      .hebb()
      .models()
      .then(({ models }) => models[0]!);
    model.catch(() => {
      model = undefined; // so the next call asks again
    });
    return model;
  },
  tier: () => byId<HTMLSelectElement>('tier').value as TierWish,
  say(text) {
    status.textContent = text;
  },
  fail(error, retry) {
    again = retry;
    const advice = wantsKey(error) ? 'Enter a key that allows this in the field above.' : undefined;
    problem.replaceChildren(problemNote(error, retry, advice));
    problem.scrollIntoView({ block: 'nearest' });
    if (advice) keys.ask();
  },
};

const one = new OneImage(app, byId('one'));
const many = new ManyImages(app, byId('many'), (image, line) => {
  problem.replaceChildren();
  void one.show(image, line && 'predictions' in line ? line : undefined);
});

function take(files: readonly File[]): void {
  document.body.classList.add('answered'); // the input area gets smaller
  problem.replaceChildren();
  status.textContent = '';
  history.replaceState(null, '', location.pathname);
  one.hide();
  many.hide();
  const wished = byId<HTMLInputElement>('as-job').checked || files.length >= JOB_FROM;
  if (files.length === 1) void one.show(files[0]!);
  else if (files.length > MOST_IMAGES) {
    app.fail(new HebbError('batch_too_large', `Choose at most ${MOST_IMAGES} images at a time.`));
  } else if (wished && bytesOf(files) <= REQUEST_BYTES) {
    app.say(`Sending ${images(files.length)}.`);
    void many.job(files, (id) => history.replaceState(null, '', `#job=${id}`));
  } else {
    app.say(`Classifying ${images(files.length)}.`);
    void many.batch(files);
  }
}

/** Shows the job in the page's address, after a reload or from a bookmark. */
function followJob(): void {
  const id = /^#job=(\w+)$/.exec(location.hash)?.[1];
  if (id === undefined) return;
  document.body.classList.add('answered');
  one.hide();
  void many.follow(id);
}

pickImages(take, app.fail);
useCamera(take);
addEventListener('hashchange', followJob);
followJob();

app
  .model()
  .then(({ name, version, classes }) => {
    const text = `The model ${name}, version ${shortVersion(version)}, has ${classes} classes.`;
    byId('model').textContent = text;
  })
  .catch((error: unknown) => app.fail(error, () => location.reload()));
