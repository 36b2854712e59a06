/**
 * The Chromium of the npm package @sparticuz/chromium.
 * @module
 */
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { ROOT } from '@hebb/local/bundle';
import { withLock } from '@hebb/packages/storage/lock';
import { extract } from 'tar';

export interface PackagedChromium {
  readonly executablePath: string;
  /** Its environment, with fonts and libraries (NSS, expat) that a minimal machine lacks. */
  readonly env: Record<string, string>;
}

const CACHE = join(ROOT, '.cache');

/** Unpacks it on first use, 210 MB in .cache. Linux on x64 only. */
export async function packagedChromium(): Promise<PackagedChromium> {
  const bin = join(
    dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')),
    '../bin',
  );
  const { version } = createRequire(import.meta.url)(join(bin, '../package.json')) as Versioned;
  const folder = join(CACHE, `chromium-${version}`);
  await withLock(join(CACHE, 'chromium.lock'), async () => {
    if (!existsSync(folder)) await unpack(bin, folder);
  });
  return {
    executablePath: join(folder, 'chromium'),
    env: { FONTCONFIG_FILE: fontsConf(folder), LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') },
  };
}

interface Versioned {
  readonly version: string;
}

async function unpack(bin: string, folder: string): Promise<void> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  for (const file of await readdir(bin)) {
    const source = createReadStream(join(bin, file)).pipe(createBrotliDecompress());
    const target = join(fresh, file.replace(/(\.tar)?\.br$/, ''));
    if (file.endsWith('.tar.br')) {
      await mkdir(target);
      await pipeline(source, extract({ cwd: target }));
    } else {
      await writeFile(target, await buffer(source));
      await chmod(target, 0o755);
    }
  }
  await writeFile(fontsConf(fresh), fontsConfFor(join(folder, 'fonts')));
  await rename(fresh, folder);
}

const fontsConf = (folder: string): string => join(folder, 'fonts.conf');

/** The package's own font configuration names folders of AWS Lambda, and Chromium ends without a font. */
const fontsConfFor = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <cachedir>${join(folder, 'cache')}</cachedir>
</fontconfig>
`;
