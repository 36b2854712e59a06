import { describe, expect, it } from 'vitest';
import { formField } from './multipart.ts';

/** The body that the platform sends for a form. */
async function encoded(form: FormData) {
  const request = new Request('http://test/', { method: 'POST', body: form });
  const body = new Uint8Array(await request.arrayBuffer());
  return { body, type: request.headers.get('content-type')! };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('formField', () => {
  it('finds a file among other fields, byte for byte', async () => {
    const content = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7919) >> 3);
    content.set(bytes('\r\n--x\r\n\r\n'), 1000); // looks like a delimiter but is none
    const form = new FormData();
    form.set('note', 'before');
    form.set('image', new Blob([content], { type: 'image/jpeg' }), 'photo.jpg');
    form.set('after', 'x');
    const { body, type } = await encoded(form);
    expect(await formField(body, type, 'image')).toEqual(content);
    expect(await formField(body, type, 'note')).toEqual(bytes('before'));
    expect(await formField(body, type, 'absent')).toBeUndefined();
  });

  it('is a view on the body, not a copy', async () => {
    const form = new FormData();
    form.set('image', new Blob([bytes('pixels')]), 'a.jpg');
    const { body, type } = await encoded(form);
    expect((await formField(body, type, 'image'))!.buffer).toBe(body.buffer);
  });

  it('accepts a preamble, a quoted boundary and an unquoted name', async () => {
    const body = bytes(
      'preamble\r\n--a b\r\ncontent-disposition: form-data; name=image\r\n\r\nX\r\n--a b--',
    );
    expect(await formField(body, 'multipart/form-data; boundary="a b"', 'image')).toEqual(
      bytes('X'),
    );
  });

  it.each([
    ['no boundary in Content-Type', 'multipart/form-data', '--x\r\n\r\nX\r\n--x--'],
    [
      'a boundary that is not in the body',
      'multipart/form-data; boundary=y',
      '--x\r\n\r\nX\r\n--x--',
    ],
    ['an end that is missing', 'multipart/form-data; boundary=x', '--x\r\na: b\r\n\r\nX'],
    ['headers without end', 'multipart/form-data; boundary=x', '--x\r\na: b\r\n--x--'],
    ['an empty body', 'multipart/form-data; boundary=x', ''],
  ])('refuses %s', async (_what, type, body) => {
    await expect(formField(bytes(body), type, 'image')).rejects.toEqual(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  it('limits the number of parts', async () => {
    const form = new FormData();
    for (let i = 0; i < 1001; i++) form.append('note', `${i}`);
    form.set('image', new Blob([bytes('pixels')]), 'a.jpg');
    const { body, type } = await encoded(form);
    await expect(formField(body, type, 'image')).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('1000 parts'),
    });
  });

  it('finds the delimiter among bytes that begin like one', async () => {
    for (let before = 262_100; before < 262_200; before++) {
      const head = '--x\r\ncontent-disposition: form-data; name=image\r\n\r\n';
      const content = '\r'.repeat(before);
      const body = bytes(`${head}${content}\r\n--x--`);
      const found = await formField(body, 'multipart/form-data; boundary=x', 'image');
      expect(found!.length).toBe(before);
    }
  });
});
