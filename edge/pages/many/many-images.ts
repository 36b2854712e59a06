/**
 * Many images: thumbnails, a progress bar, results to download. They are sent as a batch, whose answers
 * arrive while it is computed, or as a job, which continues without this page.
 * @module
 */
import type { Line } from '@hebb/protocol/api/classification';
import type { App } from '../app.ts';
import { button } from '../dom.ts';
import { images } from '../format.ts';
import { allReadable } from '../input/readable.ts';
import { Gallery, thumbnails } from './gallery.ts';
import { portions } from './portions.ts';
import { Progress } from './progress.ts';

/** Remaining times below this are not shown, s. */
const SOON = 2;

/** Shows one batch or job at a time in a section of the page. */
export class ManyImages {
  readonly #app: App;
  readonly #section: HTMLElement;
  readonly #open: (image: File, line: Line | undefined) => void;
  #lines: Line[] = [];
  #total = 0;
  #gallery = new Gallery();
  #progress = new Progress(0);
  #ends = new AbortController();

  /** @param open shows one image by itself, with its answer if there is one */
  constructor(app: App, section: HTMLElement, open: (image: File, line: Line | undefined) => void) {
    this.#app = app;
    this.#section = section;
    this.#open = open;
  }

  hide(): void {
    this.#ends.abort();
    this.#section.hidden = true;
  }

  /** Sends the images as one or several batches and shows each answer as it arrives. */
  async batch(files: readonly File[]): Promise<void> {
    const again = () => void this.batch(files);
    await this.#work(files, again, async (signal) => {
      const began = performance.now();
      const options = { tier: this.#app.tier(), signal };
      for await (const portion of readablePortions(files, signal)) {
        const first = this.#lines.length;
        for await (const line of this.#app.hebb().batch(portion, options)) {
          this.#take([{ ...line, index: first + line.index }]);
          const done = this.#lines.length;
          const perImage = (performance.now() - began) / 1000 / done;
          const left = Math.ceil((files.length - done) * perImage);
          this.#progress.at('Classifying', done, left > SOON ? left : undefined);
        }
      }
      this.#progress.offer();
    });
  }

  /** Sends the images as a job. @param made called with the job's id */
  async job(files: readonly File[], made: (id: string) => void): Promise<void> {
    const again = () => void this.job(files, made);
    await this.#work(files, again, async (signal) => {
      const options = { tier: this.#app.tier(), signal };
      const { id } = await this.#app
        .hebb()
        .jobs.create(await allReadable(files, { signal }), options);
      made(id);
      await this.#followTo(id, signal);
    });
  }

  /** Shows an existing job. */
  async follow(id: string): Promise<void> {
    const again = () => void this.follow(id);
    await this.#work(undefined, again, (signal) => this.#followTo(id, signal));
  }

  async #followTo(id: string, signal: AbortSignal): Promise<void> {
    const { hebb, fail } = this.#app;
    const { jobs } = hebb();
    const cancel = () => {
      this.#ends.abort();
      history.replaceState(null, '', location.pathname);
      jobs.cancel(id).catch(fail);
    };
    this.#progress.offer(button('Cancel the job', cancel));
    for await (const { status, lines } of jobs.follow(id, { offset: 0, signal })) {
      this.#take(lines);
      const { state, eta_seconds: eta, images: counts } = status;
      this.#total = counts.total;
      this.#progress.at(`Job ${state}`, counts.done, eta, counts.total);
      if (state !== 'failed') continue;
      const replay = () => void jobs.replay(id).then(() => this.follow(id), fail);
      this.#progress.offer(button(`Retry ${images(counts.dead)} that failed`, replay));
      return;
    }
    this.#progress.offer();
  }

  /** Runs `work` and announces how it ended. @param files the images, if the page has them */
  async #work(
    files: readonly File[] | undefined,
    again: () => void,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const signal = this.#begin(files);
    try {
      await work(signal);
    } catch (error) {
      if (this.#section.hidden || signal !== this.#ends.signal) return; // something else is shown now
      this.#progress.offer();
      if (!signal.aborted) this.#app.fail(error, again);
    }
    this.#gallery.end();
    const lines = this.#lines.filter((line) => line !== undefined);
    this.#app.say(this.#progress.end(lines, this.#total, signal.aborted));
  }

  #begin(files: readonly File[] | undefined): AbortSignal {
    this.hide();
    this.#ends = new AbortController();
    this.#lines = [];
    this.#total = files?.length ?? 0;
    this.#gallery = new Gallery(files && ((i) => this.#open(files[i]!, this.#lines[i])));
    this.#progress = new Progress(this.#total);
    this.#progress.at(files ? 'Sending' : 'Looking for the job', 0);
    this.#progress.offer(button('Stop', () => this.#ends.abort()));
    for (const { name } of files ?? []) this.#gallery.add(name);
    this.#section.replaceChildren(this.#progress.element, this.#gallery.element);
    this.#section.hidden = false;
    this.#section.focus({ preventScroll: true });
    this.#section.scrollIntoView({ block: 'nearest' });
    const { signal } = this.#ends;
    const gallery = this.#gallery;
    if (files) void thumbnails(files, (i, picture) => gallery.picture(i, picture), signal);
    return signal;
  }

  #take(lines: readonly Line[]): void {
    for (const line of lines) {
      this.#lines[line.index] = line;
      this.#gallery.line(line);
    }
  }
}

/** Splits again after redrawing, since a redrawn image may be larger than its file. */
async function* readablePortions(files: readonly File[], signal: AbortSignal) {
  for (const portion of portions(files)) yield* portions(await allReadable(portion, { signal }));
}
