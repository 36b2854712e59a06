import { describe, expect, it } from 'vitest';
import { jsonImage } from './json-image.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const image = Uint8Array.from({ length: 1001 }, (_, i) => (i * 31) % 256);
const escaped = (text: string) =>
  text.replaceAll(/./g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const base64 = Buffer.from(image).toString('base64');

describe('jsonImage', () => {
  it.each([
    ['alone', `{"image":"${base64}"}`],
    ['with blanks around', `  {\n "image" :\t"${base64}"\n}\n`],
    [
      'after and before other fields',
      `{"a":{"image":"no"},"b":["image"],"image":"${base64}","c":1}`,
    ],
    ['after a string that holds quotes', `{"note":"\\"image\\":\\\\","image":"${base64}"}`],
    ['as a data URL', `{"image":"data:image/jpeg;base64,${base64}"}`],
    ['with escaped slashes, as PHP writes them', `{"image":"${base64.replaceAll('/', '\\/')}"}`],
    ['in lines', `{"image":"${base64.replace(/.{76}/g, '$&\\r\\n')}"}`],
    ['without padding', `{"image":"${base64.replace(/=+$/, '')}"}`],
    [
      'with + and = as .NET escapes them',
      `{"image":"${base64.replaceAll('+', '\\u002B').replaceAll('=', '\\u003d')}"}`,
    ],
    ['with every character escaped', `{"image":"${escaped(base64)}"}`],
    ['under a key that is escaped', `{"\\u0069mag\\u0065":"${base64}"}`],
    [
      'as an escaped data URL',
      `{"image":"${escaped('data:image/jpeg;base64,')}${base64.replaceAll('/', '\\/')}"}`,
    ],
    ['in the URL-safe alphabet', `{"image":"${Buffer.from(image).toString('base64url')}"}`],
  ])('finds the image %s', async (_how, json) => {
    expect(await jsonImage(bytes(json))).toEqual(image);
  });

  it.each([[1], [2], [3], [4]])('decodes an image of %i bytes', async (length) => {
    const small = image.subarray(0, length);
    const json = JSON.stringify({ image: Buffer.from(small).toString('base64') });
    expect(await jsonImage(bytes(json))).toEqual(small);
  });

  it('decodes in place', async () => {
    const body = bytes(`{"image":"${base64}"}`);
    expect((await jsonImage(body))!.buffer).toBe(body.buffer);
  });

  it.each(['{}', '{"picture":"aaaa"}', '{"image":5}', '{"image":null}', '{"a":{"image":"aaaa"}}'])(
    'finds no image in %s',
    async (json) => {
      expect(await jsonImage(bytes(json))).toBeUndefined();
    },
  );

  it.each([
    ['no JSON', 'hello'],
    ['an array', '["image"]'],
    ['text after the object', '{"image":"aaaa"} x'],
    ['a string without end', '{"image":"aaaa'],
    ['a brace that is missing', '{"image":"aaaa"'],
    ['a character that is not base64', '{"image":"aa!a"}'],
    ['an escape that is none', '{"image":"aa\\xaa"}'],
    ['an escape that is cut off', '{"image":"aaaa\\u00'],
    ['an escape of no hexadecimal digits', '{"image":"aaa\\u00g1"}'],
    ['an escaped quote within base64', '{"image":"aaa\\""}'],
    ['a character beyond Latin-1', '{"image":"aaa\\u2014"}'],
    ['base64 that is cut off', '{"image":"aaaaa"}'],
  ])('refuses %s', async (_what, json) => {
    await expect(jsonImage(bytes(json))).rejects.toEqual(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  it('decodes an image longer than a slice, wherever slices end', async () => {
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
    const text = Buffer.from(large).toString('base64');
    for (const written of [text, escaped(text), text.replace(/.{1,7}/g, '$&\\n')]) {
      expect(await jsonImage(bytes(`{"image":"${written}"}`))).toEqual(large);
    }
  });

  it.each([
    ['before', (much: string) => `{"a":"${much}","image":"aaaa"}`],
    ['behind', (much: string) => `{"image":"aaaa","a":"${much}"}`],
    ['in place of', (much: string) => `{"a":[${much.replaceAll('x', '1,')}1]}`],
  ])('limits the JSON %s the image', async (_where, json) => {
    await expect(jsonImage(bytes(json('x'.repeat(20_000))))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('16384 bytes'),
    });
    expect(await jsonImage(bytes(`{"a":"${'x'.repeat(10_000)}","image":"aaaa"}`))).toHaveLength(3);
  });
});
