import { describe, expect, it } from 'vitest';
import { type Box, drawNetwork } from './drawing.ts';
import { googlenet } from './googlenet.ts';
import { VARIANTS, type Variant } from './variant.ts';

const draw = (variant: Variant, classes = 1000) => {
  const network = googlenet({ variant, classes, inputSize: 224 }, { auxiliary: true });
  return { network, drawing: drawNetwork(network) };
};

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe.each(Object.keys(VARIANTS) as Variant[])('the drawing of %s', (variant) => {
  const { network, drawing } = draw(variant);

  it('has a box for every layer, a module’s for its concatenation', () => {
    const names = drawing.boxes.map(({ name }) => name);
    expect(names.toSorted()).toEqual(network.layers.map(({ name }) => name).toSorted());
    expect(drawing.boxes.filter(({ kind }) => kind === 'module')).toHaveLength(9);
  });

  it('has no box that overlaps another or lies outside', () => {
    for (const [i, box] of drawing.boxes.entries()) {
      expect(drawing.boxes.slice(i + 1).filter((other) => overlap(box, other))).toEqual([]);
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(drawing.width);
      expect(box.y + box.height).toBeLessThanOrEqual(drawing.height);
    }
  });

  it('gives a module the cost of its layers', () => {
    const sum = (boxes: readonly Box[]) =>
      boxes.reduce((total, { cost }) => total + cost.multiplyAdds, 0);
    const modules = drawing.boxes.filter(({ kind }) => kind === 'module');
    const within = drawing.boxes.filter(({ name }) => /^inception.*\//.test(name));
    expect(sum(modules)).toBe(sum(within));
  });

  it('gives each branch its share of the bar', () => {
    for (const { name, shape } of drawing.boxes.filter(({ kind }) => kind === 'module')) {
      const segments = drawing.segments.filter((segment) => segment.name.startsWith(`${name}/`));
      const whole = segments.reduce((total, { width }) => total + width, 0);
      const channels = segments.map(({ width }) => Math.round((width / whole) * shape[2]));
      const inputs = network.layers.find((layer) => layer.name === name)!.inputs;
      const real = inputs.map((input) => network.layers.find((l) => l.name === input)!.shape[2]);
      expect(channels).toEqual(real);
    }
  });
});

describe('the drawing', () => {
  it('labels each layer', () => {
    const { drawing } = draw('lrn');
    const box = (name: string) => drawing.boxes.find((one) => one.name === name)!;
    expect(box('conv1')).toMatchObject({ title: 'conv1 7×7/2', detail: '112×112×64' });
    expect(box('inception3a')).toMatchObject({ title: 'inception3a', detail: '28×28×256' });
    expect(box('inception3a/5x5')).toMatchObject({ title: '5×5', detail: '32', stacked: true });
    expect(box('inception3a/pool')).toMatchObject({ title: 'pool 3×3', detail: '192' });
    expect(box('softmax')).toMatchObject({ title: 'softmax', detail: '1000' });
  });

  it('shows that naive modules have no reductions', () => {
    const { drawing } = draw('naive');
    const within = drawing.boxes.filter(({ name }) => name.startsWith('inception3a/'));
    expect(within.map(({ title }) => title)).toEqual(['1×1', '3×3', '5×5', 'pool 3×3']);
    expect(new Set(within.map(({ y }) => y)).size).toBe(1);
  });
});
