import type { Input } from '../network/inputs.ts';
import type { PageModel } from '../page/api.ts';
import type { BenchPage } from '../page/browser.ts';
import type { OpenEngine } from './engine.ts';

/** Opens an engine on the Chromium page. The page itself measures the times. */
export async function openOnPage(
  page: BenchPage,
  name: string,
  model: PageModel,
): Promise<OpenEngine> {
  const detail = await page.call('open', name, model);
  const send = inputSender(page, name);
  return {
    detail,
    classify: async (input) =>
      Float32Array.from(await page.call('classify', name, await send(input))),
    time: async (input, runs) => page.call('time', name, await send(input), runs),
    close: () => page.call('close', name),
  };
}

/** Sends each input to the page once, and returns its name there. */
function inputSender(page: BenchPage, engine: string): (input: Input) => Promise<string> {
  const sent = new Set<Input>();
  return async (input) => {
    const name = `${engine}/${input.name}`;
    if (sent.has(input)) return name;
    sent.add(input);
    const base = `/inputs/${encodeURIComponent(name)}`;
    const pixels = page.server.serve(`${base}.u8`, () => input.pixels);
    const { buffer, byteOffset, byteLength } = input.nhwc;
    const floats = new Uint8Array(buffer, byteOffset, byteLength);
    const nhwc = page.server.serve(`${base}.f32`, () => floats);
    await page.call('input', name, pixels, nhwc);
    return name;
  };
}
