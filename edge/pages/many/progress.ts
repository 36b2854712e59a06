/**
 * The progress of many images: a bar, a sentence and buttons.
 * @module
 */
import type { Line } from '@hebb/protocol/api/classification';
import { button, h } from '../dom.ts';
import { images, shownIn } from '../format.ts';
import { toCsv } from './csv.ts';

/** Most classes in the summary. */
const COUNTED = 8;

export class Progress {
  readonly element = h('div', 'card head');
  readonly #bar = h('progress', { 'aria-label': 'Images done' });
  readonly #told = h('p', 'numbers');
  readonly #counts = h('p', 'counts muted');
  readonly #buttons = h('div', 'row');
  readonly #total: number;

  /** @param total images; 0 while unknown */
  constructor(total: number) {
    this.#total = total;
    this.element.append(this.#told, this.#bar, this.#counts, this.#buttons);
  }

  /** Shows progress. @param doing as in "Classifying" @param etaSeconds remaining time, if known */
  at(doing: string, done: number, etaSeconds?: number, total = this.#total): void {
    this.#bar.max = Math.max(1, total);
    this.#bar.value = done;
    const eta = etaSeconds === undefined ? '' : `, about ${etaSeconds} s left`;
    this.#told.textContent = `${doing}: ${done} of ${images(total)}${eta}.`;
  }

  /** Replaces the buttons. */
  offer(...buttons: readonly HTMLElement[]): void {
    this.#buttons.replaceChildren(...buttons);
  }

  /** Shows the summary and buttons to download the results. @returns the summary */
  end(lines: readonly Line[], total: number, stopped: boolean): string {
    const failed = lines.filter((line) => 'error' in line).length;
    this.at('', lines.length, undefined, total);
    const said = `${stopped ? 'Stopped: ' : ''}${lines.length} of ${images(total)} done`;
    this.#told.textContent = `${said}${failed > 0 ? `, ${failed} failed` : ''}.`;
    this.#counts.textContent = countsOf(lines);
    if (lines.length > 0) {
      const json = () => JSON.stringify(lines, null, 1);
      this.#buttons.prepend(
        button('Results as CSV', () => download('hebb.csv', 'text/csv', toCsv(lines))),
        button('Results as JSON', () => download('hebb.json', 'application/json', json())),
      );
    }
    return this.#told.textContent;
  }
}

/** "12 × tulips, 3 × daisy", most frequent first. */
function countsOf(lines: readonly Line[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if ('error' in line) continue;
    for (const { label } of shownIn(line)) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, COUNTED);
  const listed = most.map(([label, count]) => `${count} × ${label}`).join(', ');
  const rest = counts.size - most.length;
  return rest > 0 ? `${listed}, and ${rest} other classes` : listed;
}

/** Downloads text as a file. */
function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // By then the browser has read the content.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
