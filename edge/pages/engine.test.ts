/**
 * The int8 engine in real Chromium, with the model from the real Worker, compared with the edge.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Int8Engine, loadEngine } from '@hebb/engine';
import { type Manifest, toInput } from '@hebb/model';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { startBrowser } from '@hebb/test/support/browser';
import { type EngineWindow, giveImage, openEnginePage } from '@hebb/test/support/engine-page';
import { kernels } from '@hebb/test/support/kernels';
import { PATIENCE_MS } from '@hebb/test/support/page';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let worker: TestWorker;
let browser: Browser;
let page: Page;
let manifest: Manifest;
/** The same engine and model in this process. */
let here: Int8Engine;
let png: Buffer;

/** What the page's functions see. */
declare const window: EngineWindow;

const SUNFLOWER = join(import.meta.dirname, '../../test/samples/sunflower.jpg');

beforeAll(async () => {
  const model = await readPackage(BUILT_IN_MODEL);
  manifest = model.manifest;
  here = loadEngine(kernels.relaxed, manifest.network, new Uint8Array(await model.bytes('int8')));
  worker = await startWorker({ model: BUILT_IN_MODEL });
  browser = await startBrowser();
  page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await openEnginePage(page, worker.url);
  png = await sharp(SUNFLOWER).png().toBuffer();
  await giveImage(page, 'png', png);
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
});

/** The network's input for an opaque PNG, which every decoder decodes to the same pixels. */
async function inputOf(image: Buffer): Promise<Uint8Array> {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
  return toInput({ width: info.width, height: info.height, data }, manifest.preprocessing);
}

const classifyAtTheEdge = async (image: Uint8Array) =>
  await (
    await worker.fetch('/v1/classify?tier=edge', { method: 'POST', body: new Uint8Array(image) })
  ).json();

describe('classifying', () => {
  it('computes the same bits as in Node from the same pixels', async () => {
    const logits = await page.evaluate(async () => {
      await window.engine.classify(window.images.png!, { top: 5 });
      return [...(await window.engine.activations('linear')).data];
    });
    here.classify(await inputOf(png));
    expect(logits).toEqual([...here.numbers('linear')]);
  });

  it('computes the same bits without relaxed SIMD', async () => {
    const other = await browser.newPage();
    other.setDefaultTimeout(PATIENCE_MS);
    const kernelsFetched: string[] = [];
    other.on('request', (request) => {
      if (request.url().endsWith('.wasm')) kernelsFetched.push(request.url());
    });
    await other.route('**/engine/worker.js', async (route) => {
      const response = await route.fetch();
      const body = `${await response.text()}\nWebAssembly.validate = () => false;`;
      await route.fulfill({ response, body });
    });
    await openEnginePage(other, worker.url);
    await giveImage(other, 'png', png);
    const logits = await other.evaluate(async () => {
      await window.engine.classify(window.images.png!, { top: 5 });
      return [...(await window.engine.activations('linear')).data];
    });
    await other.close();
    here.classify(await inputOf(png));
    expect(logits).toEqual([...here.numbers('linear')]);
    expect(kernelsFetched).toEqual([expect.stringMatching(/simd128\.wasm$/)]);
  });

  it('answers like the edge', async () => {
    const { predictions, timing } = await page.evaluate(() =>
      window.engine.classify(window.images.png!, { top: 5 }),
    );
    expect(predictions).toHaveLength(5);
    expect(timing.infer_ms).toBeGreaterThan(0);
    expect(await classifyAtTheEdge(png)).toMatchObject({ predictions });
  });

  it('gives nearly the same scores for a JPEG, which the browser decodes', async () => {
    const jpeg = await readFile(SUNFLOWER);
    await giveImage(page, 'jpeg', jpeg);
    const { predictions } = await page.evaluate(() =>
      window.engine.classify(window.images.jpeg!, { top: 5 }),
    );
    const edge = (await classifyAtTheEdge(jpeg)) as { predictions: typeof predictions };
    for (const { index, score } of edge.predictions) {
      expect(predictions.find((one) => one.index === index)!.score).toBeCloseTo(score, 1);
    }
  });

  it('applies the EXIF orientation, and draws transparent pixels over white', async () => {
    const upright = await sharp(png).resize(240, 320, { fit: 'fill' }).toBuffer();
    const turned = sharp(await sharp(upright).rotate(270).toBuffer());
    await giveImage(page, 'turned', await turned.withMetadata({ orientation: 6 }).png().toBuffer());
    await giveImage(page, 'clear', await clearSquare());
    const seen = await page.evaluate(async () => {
      const [turned, clear] = [window.images.turned!, window.images.clear!];
      const { data } = await window.engine.crop(turned);
      const rgb = data.filter((_, i) => i % 4 !== 3);
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', rgb));
      const white = (await window.engine.crop(clear)).data.every((value) => value === 255);
      return { digest: [...digest], white };
    });
    const expected = createHash('sha256').update(await inputOf(upright));
    expect(seen).toEqual({ digest: [...expected.digest()], white: true });
  });

  it('converts the colours of a profile to sRGB, like the edge', async () => {
    const inP3 = await sharp(png).withIccProfile('p3').png().toBuffer();
    await giveImage(page, 'p3', inP3);
    const seen = await page.evaluate(async () => {
      const { data } = await window.engine.crop(window.images.p3!);
      return [...data.filter((_, i) => i % 4 !== 3)];
    });
    const { data: stored, info } = await sharp(png)
      .withIccProfile('p3')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const meanOff = (expected: Uint8Array) =>
      expected.reduce((sum, value, i) => sum + Math.abs(value - seen[i]!), 0) / expected.length;
    const asStored = toInput(
      { width: info.width, height: info.height, data: stored },
      manifest.preprocessing,
    );
    expect(meanOff(await inputOf(png))).toBeLessThan(1);
    expect(meanOff(asStored)).toBeGreaterThan(2);
  });

  it('rejects a file that the browser cannot decode', async () => {
    await giveImage(page, 'text', Buffer.from('no image'));
    await expect(
      page.evaluate(() => window.engine.classify(window.images.text!, { top: 1 })),
    ).rejects.toThrow('This browser cannot decode the image.');
  });
});

const clearSquare = () =>
  sharp({ create: { width: 300, height: 300, channels: 4, background: '#f000' } })
    .png()
    .toBuffer();

describe('the occlusion map', () => {
  it('holds how far the score falls with each place covered', async () => {
    const { grid, told } = await page.evaluate(async () => {
      const told: number[] = [];
      const { input, drop, ...grid } = await window.engine.occlusion(window.images.png!, {
        label: 3,
        onProgress: (done, total) => told.push(done / total),
      });
      return { grid: { ...grid, drop: [...drop], side: input.width }, told };
    });
    expect(grid).toMatchObject({ size: 13, patch: 32, side: 224 });
    expect([grid.at[0], grid.at[12]]).toEqual([0, 224 - 32]);
    expect(told).toEqual(told.toSorted((a, b) => a - b));

    // One place, covered by hand.
    const input = await inputOf(png);
    const whole = here.classify(input)[3]!;
    const mean = manifest.preprocessing.mean.map(Math.round);
    const [left, top] = [grid.at[6]!, grid.at[5]!];
    for (let y = top; y < top + 32; y++) {
      for (let x = left; x < left + 32; x++) input.set(mean, (y * 224 + x) * 3);
    }
    expect(grid.score).toBe(whole);
    expect(grid.drop[5 * 13 + 6]).toBe(Math.fround(whole - here.classify(input)[3]!));
  });

  it('stops when its signal is aborted', async () => {
    const ended = await page.evaluate(async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const map = window.engine.occlusion(window.images.png!, {
        label: 3,
        signal,
        onProgress: () => controller.abort(),
      });
      const reason = await map.catch((error: Error) => error.name);
      await window.engine.classify(window.images.png!, { top: 1 }); // the engine takes other calls
      return reason;
    });
    expect(ended).toBe('AbortError');
  });
});

describe('activations', () => {
  it.each(['pool3', 'inception3a/5x5_reduce', 'inception4c', 'pool5', 'dropout'])(
    'of %s equal those in Node',
    async (layer) => {
      const got = await page.evaluate(async (layer) => {
        await window.engine.classify(window.images.png!, { top: 1 });
        const { data, ...shape } = await window.engine.activations(layer);
        return { ...shape, data: [...data] };
      }, layer);
      here.setPixels(await inputOf(png));
      const last = layer === 'dropout' ? 'pool5' : layer;
      const steps = here.steps.findLastIndex(
        ({ layer: { name } }) => name === last || name.startsWith(`${last}/`),
      );
      for (const step of here.steps.slice(0, steps + 1)) step.run();
      expect(got.data).toEqual([...here.activations(layer)]);
      expect(got.data).toHaveLength(got.height * got.width * got.channels);
      expect(got.data.some((value) => value > 0)).toBe(true);
    },
  );
});
