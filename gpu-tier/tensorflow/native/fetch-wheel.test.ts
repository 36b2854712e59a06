import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileHandler, startServer } from '@hebb/test/support/http-server';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describeWithPip, PYTHON, writeWheel } from '@hebb/test/support/wheel';
import { expect, it } from 'vitest';
import { fetchWheel } from './fetch-wheel.ts';
import { unpack } from './unpack.ts';

const FILE = 'hebb_sample-1.0-cp311-cp311-manylinux_2_27_x86_64.whl';
const FILES = { 'sample/library.so': 'x'.repeat(20_000), 'sample/other.txt': 'not wanted' };

/** pip with one place to look: `links`, a folder or a page with links. */
const pipAt = (links: string) => ({
  python: PYTHON,
  env: { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: links },
});

describeWithPip('fetching a wheel', () => {
  it('is used from a local folder of pip without a copy', async () => {
    const [links, folder] = [await temporaryFolder(), await temporaryFolder()];
    const wheel = writeWheel(links, FILE, FILES);
    const path = await fetchWheel(wheel, { ...pipAt(links), folder, fetch });
    expect(path).toBe(join(links, FILE));
  });

  it('is refused if its digest is not the pinned one', async () => {
    const [links, folder] = [await temporaryFolder(), await temporaryFolder()];
    const wheel = { ...writeWheel(links, FILE, FILES), sha256: '0'.repeat(64) };
    await expect(fetchWheel(wheel, { ...pipAt(links), folder, fetch })).rejects.toMatchObject({
      code: 'checksum_mismatch',
      message: expect.stringContaining(FILE),
    });
  });

  it('is downloaded from the URL that pip reports, with resumption', async () => {
    const [made, folder] = [await temporaryFolder(), await temporaryFolder()];
    const wheel = writeWheel(made, FILE, FILES);
    const content = readFileSync(join(made, FILE));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${FILE}.part`), content.subarray(0, 100));
    const serveFile = fileHandler(content);
    const index = await startServer((request, response) => {
      if (request.url === `/${FILE}`) return serveFile(request, response);
      return response.setHeader('Content-Type', 'text/html').end(`<a href="/${FILE}">${FILE}</a>`);
    });
    const seen: number[] = [];
    const path = await fetchWheel(wheel, {
      ...pipAt(`${index.url}/`),
      folder,
      fetch,
      onProgress: (done) => seen.push(done),
    });
    expect(path).toBe(join(folder, FILE));
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(index.requests.at(-1)).toBe(`/${FILE} bytes=100-`);
    expect(seen.at(-1)).toBe(wheel.bytes);
  });

  it('is downloaded by pip if a plain request is refused', async () => {
    const [made, folder] = [await temporaryFolder(), await temporaryFolder()];
    const wheel = writeWheel(made, FILE, FILES);
    const serveFile = fileHandler(readFileSync(join(made, FILE)));
    const index = await startServer((request, response) => {
      if (!request.headers['user-agent']?.startsWith('pip/')) return response.writeHead(407).end();
      if (request.url === `/${FILE}`) return serveFile(request, response);
      return response.setHeader('Content-Type', 'text/html').end(`<a href="/${FILE}">${FILE}</a>`);
    });
    const path = await fetchWheel(wheel, { ...pipAt(`${index.url}/`), folder, fetch });
    expect(path).toBe(join(folder, FILE));
  });

  it('fails with pip’s message if no index has the file', async () => {
    const folder = await temporaryFolder();
    const wheel = { file: FILE, bytes: 1, sha256: '' };
    const options = { ...pipAt(await temporaryFolder()), folder, fetch };
    await expect(fetchWheel(wheel, options)).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringContaining('No matching distribution found for hebb-sample==1.0'),
    });
  });
});

describeWithPip('unpacking a wheel', () => {
  it('extracts only the named files', async () => {
    const [made, to] = [await temporaryFolder(), await temporaryFolder()];
    writeWheel(made, FILE, FILES);
    await unpack(join(made, FILE), to, ['sample/lib'], pipAt(made));
    expect(readFileSync(join(to, 'sample/library.so'), 'utf8')).toBe(FILES['sample/library.so']);
    expect(() => readFileSync(join(to, 'sample/other.txt'))).toThrow('ENOENT');
  });

  it('reports a file that is not an archive', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, FILE), 'half a download');
    await expect(unpack(join(folder, FILE), folder, ['a'], pipAt(folder))).rejects.toMatchObject({
      code: 'native_unavailable',
      message: expect.stringContaining('File is not a zip file'),
    });
  });
});
