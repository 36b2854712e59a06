import type { Description } from '../../shared/model/network/description.ts';
import { otherInception5a, paperTotals, separableConv1 } from '../../shared/model/network/paper.ts';
import { count, millions } from './numbers.ts';
import { wrap } from './table.ts';

/** How the figures of the paper's Table 1 were counted, and which of them cannot be. */
export function paperNotes({ totals: own }: Description, width: number): string[] {
  const { parameters, operations } = paperTotals();
  const [conv1, inception5a] = [separableConv1(), otherInception5a()];
  const notes = [
    'The paper counts operations in millions (M = 10⁶) and parameters in K = 1024, now with biases, now without, rounded or cut off (as 4a’s 73.6M). No way of counting gives the rest:',
    `a conv1: a 7×7 kernel on 3 colours has 9.2K weights and 118M operations. 2.7K and 34M are those of a separable convolution with depth multiplier 8 (${count(conv1.parameters)} weights, ${millions(conv1.multiplyAdds, 1)}M), which the group’s next paper says it has in this place (arXiv:1502.03167, appendix). Published weights have the full kernel.`,
    'b 4a to 4e and 5b: the operations are those of the widths in the table, the parameters are 0.2 % (4b) to 7 % (4c) too few for them. In 4c the columns contradict each other: 463K weights at 14×14 places are 93M operations, not 100M.',
    `c inception5a: both figures are 5 to 6 % high, and agree. 816 channels in and a 5×5 reduction to 48, where the table has 832 and 32, give ${count(Math.round(inception5a.parameters / 1024))}K and ${millions(inception5a.multiplyAdds, 1)}M: perhaps an earlier version of the network.`,
    `The table sums to ${count(Math.round(parameters))}K parameters and ${count(operations)}M operations, the paper’s “1.5 billion”; with the full conv1 it is ${millions(own.multiplyAdds, 0)}M.`,
  ];
  return [...notes.map((note) => wrap(note, width, '', /^[abc] /.test(note) ? '  ' : '')), ''];
}
