/**
 * Many images: small pictures, a progress bar, results to take home. As a batch, whose answer comes
 * while it is computed, or as a job, which goes on without this page.
 * @module
 */
import type { Line } from '../../../shared/model/api/classification.ts';
import type { JobStatus } from '../../../shared/model/client/index.ts';
import type { App } from '../app.ts';
import { button, h } from '../dom.ts';
import { images } from '../format.ts';
import { toCsv } from './csv.ts';
import { download } from './download.ts';
import { Gallery } from './gallery.ts';
import { thumbnails } from './thumbnails.ts';

export class ManyImages {
  readonly #app: App;
  readonly #section: HTMLElement;
  readonly #open: (image: File, line: Line | undefined) => void;
  readonly #bar = h('progress', { 'aria-label': 'Images done' });
  readonly #told = h('p', 'numbers');
  readonly #counts = h('p', 'counts muted');
  readonly #buttons = h('div', 'row');
  readonly #lines: Line[] = [];
  #gallery = new Gallery();
  #ends = new AbortController();
  #total = 0;
  #began = 0;

  /** @param open shows one image by itself */
  constructor(app: App, section: HTMLElement, open: (image: File, line: Line | undefined) => void) {
    this.#app = app;
    this.#section = section;
    this.#open = open;
  }

  hide(): void {
    this.#ends.abort();
    this.#section.hidden = true;
  }

  /** Sends the images as a batch and shows each answer as it comes. */
  async batch(files: readonly File[]): Promise<void> {
    const signal = this.#begin(files.length, files);
    const stop = button('Stop', () => this.#ends.abort());
    this.#buttons.replaceChildren(stop);
    this.#tell('Sending');
    await this.#watch(
      signal,
      async () => {
        const { tier } = this.#app;
        for await (const line of this.#app.hebb().batch(files, { tier: tier(), signal })) {
          this.#take([line]);
          this.#tell('Classifying');
        }
      },
      () => void this.batch(files),
    );
  }

  /** Sends the images as a job. @param made is told its id, so that it can be found again */
  async job(files: readonly File[], made: (id: string) => void): Promise<void> {
    const signal = this.#begin(files.length, files);
    this.#buttons.replaceChildren(button('Stop', () => this.#ends.abort()));
    this.#tell('Sending');
    await this.#watch(
      signal,
      async () => {
        const { id } = await this.#app
          .hebb()
          .jobs.create(files, { tier: this.#app.tier(), signal });
        made(id);
        await this.#followTo(id, signal);
      },
      () => void this.job(files, made),
    );
  }

  /** Shows a job that was made before. */
  async follow(id: string): Promise<void> {
    const signal = this.#begin(0);
    this.#buttons.replaceChildren();
    this.#told.textContent = 'Looking for the job …';
    await this.#watch(
      signal,
      async () => {
        const status = await this.#app.hebb().jobs.show(id, { signal });
        this.#total = status.images.total;
        await this.#followTo(id, signal);
      },
      () => void this.follow(id),
    );
  }

  async #followTo(id: string, signal: AbortSignal): Promise<void> {
    const { jobs } = this.#app.hebb();
    const cancel = button('Cancel the job', () => {
      this.#ends.abort();
      history.replaceState(null, '', location.pathname);
      jobs.cancel(id).catch((error: unknown) => this.#app.fail(error));
    });
    this.#buttons.replaceChildren(cancel);
    let last: JobStatus | undefined;
    for await (const { status, lines } of jobs.follow(id, { offset: 0, signal })) {
      this.#take(lines);
      last = status;
      const { done } = status.images;
      const eta = status.eta_seconds === undefined ? '' : `, about ${status.eta_seconds} s left`;
      this.#bar.max = Math.max(1, this.#total);
      this.#bar.value = done;
      this.#told.textContent = `Job ${status.state}: ${done} of ${images(this.#total)}${eta}.`;
    }
    if (last && last.images.dead > 0) {
      const { dead } = last.images;
      const replay = button(`Try ${images(dead)} again that kept failing`, () => {
        void jobs
          .replay(id)
          .then(() => this.follow(id))
          .catch((error: unknown) => this.#app.fail(error));
      });
      this.#buttons.append(replay);
    }
  }

  #begin(total: number, files?: readonly File[]): AbortSignal {
    this.hide();
    this.#ends = new AbortController();
    const { signal } = this.#ends;
    this.#lines.length = 0;
    this.#total = total;
    this.#began = performance.now();
    this.#gallery = files
      ? new Gallery((i) => this.#open(files[i]!, this.#lines[i]))
      : new Gallery();
    for (const { name } of files ?? []) this.#gallery.add(name);
    this.#counts.textContent = '';
    const head = h('div', 'card head', this.#told, this.#bar, this.#counts, this.#buttons);
    this.#section.replaceChildren(head, this.#gallery.element);
    this.#section.hidden = false;
    this.#section.focus({ preventScroll: true });
    this.#section.scrollIntoView({ block: 'nearest' });
    const paint = (index: number, picture: HTMLCanvasElement) =>
      this.#gallery.picture(index, picture);
    if (files) void thumbnails(files, paint, signal);
    return signal;
  }

  /** Does the work, and says how it ended. */
  async #watch(signal: AbortSignal, work: () => Promise<void>, again: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) this.#app.fail(error, again);
    }
    if (signal !== this.#ends.signal) return; // another one has begun
    this.#end(signal.aborted);
  }

  #take(lines: readonly Line[]): void {
    for (const line of lines) {
      this.#lines[line.index] = line;
      this.#gallery.line(line);
    }
  }

  #tell(doing: string): void {
    const done = this.#lines.length;
    this.#bar.max = Math.max(1, this.#total);
    this.#bar.value = done;
    const left = (this.#total - done) * ((performance.now() - this.#began) / Math.max(1, done));
    const eta = done > 0 && left > 1500 ? `, about ${Math.ceil(left / 1000)} s left` : '';
    this.#told.textContent = `${doing}: ${done} of ${images(this.#total)}${eta}.`;
  }

  #end(stopped: boolean): void {
    const lines = [...this.#lines].filter((line) => line !== undefined);
    const failed = lines.filter((line) => 'error' in line).length;
    this.#bar.max = Math.max(1, this.#total);
    this.#bar.value = lines.length;
    const said = `${stopped ? 'Stopped: ' : ''}${lines.length} of ${images(this.#total)} done${failed > 0 ? `, ${failed} without an answer` : ''}.`;
    this.#told.textContent = said;
    this.#counts.textContent = countsOf(lines);
    this.#app.say(said);
    for (const old of this.#buttons.querySelectorAll('button')) {
      if (/^(Stop|Cancel)/.test(old.textContent)) old.remove();
    }
    if (lines.length === 0) return;
    const ndjson = () => JSON.stringify(lines, null, 1);
    this.#buttons.prepend(
      button('Results as CSV', () => download('hebb.csv', 'text/csv', toCsv(lines))),
      button('Results as JSON', () => download('hebb.json', 'application/json', ndjson())),
    );
  }
}

/** "12 tulips, 3 daisy", most first. */
function countsOf(lines: readonly Line[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if ('error' in line) continue;
    const { label } = line.predictions[0]!;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 8);
  const rest = counts.size - most.length;
  const listed = most.map(([label, count]) => `${count} × ${label}`).join(', ');
  return rest > 0 ? `${listed}, and ${rest} classes more` : listed;
}
