/**
 * A multi-label model on the pages, in real Chromium with the real Worker.
 */
import { readFile } from 'node:fs/promises';
import type { Classification } from '@hebb/client';
import { startBrowser } from '@hebb/test/support/browser';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { accessibilityFaults, openPage, samplePath, textOf } from '@hebb/test/support/page';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let model: TestPackage;
let worker: TestWorker;
let browser: Browser;

beforeAll(async () => {
  // The first two classes always, the last never, the others from 0.5 on.
  const thresholds = [0, 0, undefined, undefined, undefined, undefined, 1];
  model = await testPackage({ classes: 7, inputSize: 64, thresholds });
  worker = await startWorker({ model: model.dir });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
  await model?.remove();
});

async function expectedFor(name: Parameters<typeof samplePath>[0]): Promise<Classification> {
  const body = await readFile(samplePath(name));
  const response = await worker.fetch('/v1/classify', { method: 'POST', body });
  return (await response.json()) as Classification;
}

const names = (of: Classification['predictions']) => of.map(({ label }) => label);

describe('the answer of a multi-label model', () => {
  it('names the labels that it chose, and marks their bars', async () => {
    const { predictions, labels } = await expectedFor('daisy');
    const page = await openPage(browser, worker.url);
    await page.setInputFiles('#files', samplePath('daisy'));
    await page.waitForSelector('.bars');
    expect(await textOf(page.locator('.result h2'))).toBe(names(labels!).join(', '));
    const chosen = await page.locator('.bars .chosen .label').allInnerTexts();
    expect(chosen.sort()).toEqual(
      names(labels!)
        .map((label) => `✓ ${label}`)
        .sort(),
    );
    const all = new Set([...names(predictions), ...names(labels!)]);
    expect(await page.locator('.bars li').count()).toBe(all.size);
    expect(await textOf(page.locator('.bars'))).not.toContain('✓ class 6');
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('is counted by all its labels among many images', async () => {
    const page = await openPage(browser, worker.url);
    await page.setInputFiles('#files', [samplePath('daisy'), samplePath('tulips')]);
    await page.locator('.gallery .score').nth(1).waitFor();
    const { labels } = await expectedFor('daisy');
    expect(await textOf(page.locator('.gallery li').first())).toContain(names(labels!).join(', '));
  });
});

it('the drawing of the network ends in sigmoid', async () => {
  const page = await openPage(browser, new URL('/network', worker.url));
  await page.locator('#drawing').getByText('sigmoid').first().waitFor();
  expect(await textOf(page.locator('#drawing'))).not.toContain('softmax');
});
