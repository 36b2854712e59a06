/**
 * Classifies the same image in int8 at the edge, in full precision at the GPU tier, and in int8 in this
 * browser, and shows scores and times side by side.
 * @module
 */
import type { Prediction } from '@hebb/protocol/api/classification';
import type { App } from '../app.ts';
import { byId, h } from '../dom.ts';
import { milliseconds, namesIn, percent, shownIn } from '../format.ts';
import { tell } from '../problem.ts';

/** Classes shown in the table. */
const SHOWN = 5;

interface Answer {
  readonly predictions: readonly Prediction[];
  readonly labels?: readonly Prediction[];
  readonly timing: { readonly decode_ms: number; readonly infer_ms: number };
  readonly model?: { readonly precision: string };
}

interface Way {
  /** As in a sentence: "the edge" */
  readonly who: string;
  readonly heading: string;
  readonly precision: string;
  /** Preparation, which is not part of the time. */
  readonly ready?: () => Promise<unknown>;
  ask(top: number): Promise<Answer>;
}

interface Outcome {
  readonly way: Way;
  readonly answer?: Answer;
  readonly tripMs: number;
  readonly error?: unknown;
}

export async function compare(
  app: App,
  image: File,
  place: HTMLElement,
  signal: AbortSignal,
): Promise<void> {
  const ways = waysOf(app, image, signal);
  const outcomes: Outcome[] = [];
  const show = (agree?: HTMLElement) =>
    place.replaceChildren(
      h('h3', '', 'The same image, classified three times'),
      agree ?? h('p', 'muted', `Asking ${ways[outcomes.length]?.who ?? ''} …`),
      table(ways, outcomes),
    );
  show();
  try {
    const { classes } = await app.model();
    // One after the other, since on one machine they would slow each other down.
    for (const way of ways) {
      outcomes.push(await ask(way, classes));
      if (signal.aborted) return;
      show();
    }
  } catch (error) {
    if (!signal.aborted) app.fail(error);
    return;
  }
  const said = verdict(outcomes);
  show(h('p', '', said));
  app.say(said);
}

function waysOf(app: App, image: File, signal: AbortSignal): Way[] {
  const service = (tier: 'edge' | 'gpu') => async (top: number) =>
    await app.hebb(1).classify(image, { tier, top, cache: false, signal });
  return [
    { who: 'the edge', heading: 'Edge', precision: 'int8', ask: service('edge') },
    { who: 'the GPU tier', heading: 'GPU tier', precision: 'float32', ask: service('gpu') },
    {
      who: 'this browser',
      heading: 'This browser',
      precision: 'int8',
      ready: () => app.engine().info(), // loads the model
      ask: (top) => app.engine().classify(image, { top, signal }),
    },
  ];
}

async function ask(way: Way, classes: number): Promise<Outcome> {
  try {
    await way.ready?.();
    const began = performance.now();
    const answer = await way.ask(classes);
    return { way, answer, tripMs: performance.now() - began };
  } catch (error) {
    return { way, error, tripMs: 0 };
  }
}

/** Scores of all classes, by index. */
function scoresOf({ predictions }: Answer): number[] {
  const scores = Array<number>(predictions.length).fill(0);
  for (const { index, score } of predictions) scores[index] = score;
  return scores;
}

function verdict(outcomes: readonly Outcome[]): string {
  const labels = new Map<number, string>();
  const answered: Answered[] = [];
  const names: string[] = [];
  for (const { way, answer } of outcomes) {
    if (!answer) continue;
    for (const { index, label } of answer.predictions) labels.set(index, label);
    const classes = shownIn(answer).map(({ index }) => index);
    answered.push({ who: way.who, classes, scores: scoresOf(answer) });
    names.push(namesIn(answer));
  }
  if (answered.length < 2) return 'Fewer than two answered, so there is nothing to compare.';
  const { same, largest } = agreement(answered);
  const name = (index: number) => labels.get(index) ?? '';
  const sayings = answered.map(({ who }, i) => `${who} says ${names[i]}`).join(', ');
  const all = answered.length === 2 ? 'Both say' : 'All three say';
  const [head, rest] = same ? [`${all} ${names[0]}.`, ''] : ['They disagree:', ` ${sayings}.`];
  if (largest.difference === 0) return `${head}${rest} All scores are the same.`;
  const points = (100 * largest.difference).toFixed(2);
  return `${head}${rest} The largest difference between two scores is ${points} percentage points, for ${name(largest.index)}.`;
}

function table(ways: readonly Way[], outcomes: readonly Outcome[]): HTMLElement {
  const first = outcomes.find(({ answer }) => answer)?.answer;
  const shown = first?.predictions.slice(0, SHOWN) ?? [];
  const cell = (i: number, value: (answer: Answer, tripMs: number) => string) => {
    const outcome = outcomes[i];
    if (!outcome) return h('td', 'muted', '…');
    if (!outcome.answer) return h('td', 'muted', '–');
    return h('td', 'numbers', value(outcome.answer, outcome.tripMs));
  };
  const row = (name: string, value: (answer: Answer, tripMs: number) => string) =>
    h('tr', '', h('th', { scope: 'row' }, name), ...ways.map((_, i) => cell(i, value)));
  const head = ways.map(({ heading, precision }, i) => {
    const told = outcomes[i]?.answer?.model?.precision ?? precision;
    return h('th', { scope: 'col' }, heading, h('br'), h('span', 'muted', told));
  });
  const scores = shown.map(({ index, label }) =>
    row(label, ({ predictions }) =>
      percent(predictions.find((one) => one.index === index)?.score ?? 0, 2),
    ),
  );
  const problems = outcomes.flatMap(({ way, error }) => {
    if (error === undefined) return [];
    const { code, message, hint } = tell(error);
    const advice = code === 'gpu_unavailable' ? '' : ` ${hint}`; // its hint, to leave out tier=gpu, does not help here
    return [h('p', 'note', h('strong', '', `${way.heading}: ${message}`), advice)];
  });
  const note = byId<HTMLTemplateElement>('compare-note');
  const body = h(
    'table',
    'compare',
    h('thead', '', h('tr', '', h('td', ''), ...head)),
    h('tbody', '', ...scores),
    h(
      'tbody',
      'times',
      row('Decoding', ({ timing }) => milliseconds(timing.decode_ms)),
      row('Inference', ({ timing }) => milliseconds(timing.infer_ms)),
      row('Round trip', (_, tripMs) => milliseconds(tripMs)),
    ),
  );
  const scrolls = { class: 'scrolls', tabindex: 0, role: 'region', 'aria-label': 'Comparison' };
  return h('div', '', h('div', scrolls, body), ...problems, note.content.cloneNode(true));
}

export interface Answered {
  /** "the edge" */
  readonly who: string;
  /** What it says that the image shows: indices of classes, one unless the model is multi-label. */
  readonly classes: readonly number[];
  /** Probabilities of all classes, by index. */
  readonly scores: readonly number[];
}

export interface Agreement {
  /** Whether all answers show the same classes, in any order. */
  readonly same: boolean;
  /** The largest difference between two scores of one class, and the index of that class. */
  readonly largest: { readonly difference: number; readonly index: number };
}

/** Compares at least two answers with equally many scores. */
export function agreement(answers: readonly Answered[]): Agreement {
  const sets = new Set(answers.map(({ classes }) => [...classes].sort().join()));
  let largest = { difference: 0, index: 0 };
  for (const index of answers[0]!.scores.keys()) {
    const all = answers.map(({ scores }) => scores[index]!);
    const difference = Math.max(...all) - Math.min(...all);
    if (difference > largest.difference) largest = { difference, index };
  }
  return { same: sets.size === 1, largest };
}
