import type { Classification } from '../../../shared/model/api/classification.ts';
import { h } from '../dom.ts';
import { milliseconds, shortVersion } from '../format.ts';

/** Who answered, with what model, in what time. @param tripMs from sending to the answer; if known */
export function facts(answer: Classification, tripMs?: number): HTMLElement {
  const { tier, why, model, timing, cached } = answer;
  const who = tier === 'edge' ? 'the edge' : 'the GPU tier';
  const rows: [string, string][] = [
    ['Answered by', `${who}, in ${model.precision} (${cached ? 'as answered before' : why})`],
    ['Model', `${model.name}, version ${shortVersion(model.version)}`],
  ];
  if (cached) rows.push(['Time', 'none: it was in the cache']);
  else {
    rows.push(
      ['Decoding', milliseconds(timing.decode_ms)],
      ['Inference', milliseconds(timing.infer_ms)],
    );
  }
  if (tripMs !== undefined) rows.push(['There and back', milliseconds(tripMs)]);
  const list = rows.map(([name, value]) =>
    h('div', '', h('dt', '', name), h('dd', 'numbers', value)),
  );
  return h('dl', 'facts', ...list);
}
