/**
 * Builds the web pages, edge/pages → dist/pages, and copies them to a Worker's static assets. The build is cached
 * until a source changes.
 *
 *     edge/pages/NAME.html                pages/NAME.html, and the scripts and styles that it names as
 *                                         pages/assets/NAME-HASH.{js,css}, bundled and minified
 *     edge/pages/engine/worker.ts         the same, and pages/assets/engine/worker.js, which imports it
 *     shared/engine/kernels/dist/*.wasm   pages/assets/kernels/*.wasm
 *     test/samples/*.jpg                  pages/assets/samples/*.jpg: sample images
 *
 * The Worker serves them: edge/worker/routes/pages.ts.
 * @module
 */
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { withLock } from '@hebb/packages/storage/lock';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { ROOT } from './bundle.ts';
import { pageErrors } from './error-table.ts';
import { builtOnce, type Sources } from './stamp.ts';

const SOURCES = join(ROOT, 'edge', 'pages');
/** Output; copied to `pages` among the assets of a Worker. */
const PAGES_FOLDER = join(ROOT, 'dist', 'pages');
const STAMP = join(ROOT, 'dist', 'pages.json');
/** The page at /. */
const HOME = 'index.html';
/** Scripts that also get a name without a hash, by which other scripts refer to them. */
const NAMED = ['engine/worker.ts'];
const KERNELS = join(ROOT, 'shared', 'engine', 'kernels', 'dist');
const SAMPLES = join(ROOT, 'test', 'samples');
const ALL_SOURCES: Sources = {
  root: ROOT,
  folders: ['edge', 'shared', join('test', 'samples')],
  wanted: (path) => extname(path) !== '.safetensors',
  files: [join(ROOT, 'package-lock.json')],
};

export interface BuiltPages {
  /** esbuild's metafile: the inputs of each output; paths are relative to the root. */
  readonly outputs: Metafile['outputs'];
}

/** Copies the pages to `assets`, after a build if a source has changed. */
export async function stagePages(assets: string): Promise<BuiltPages> {
  return await withLock(join(ROOT, '.cache', 'pages.lock'), async () => {
    const pages = await builtOnce(STAMP, ALL_SOURCES, async () => ({
      outputs: await buildPages(),
    }));
    const target = join(assets, 'pages');
    await rm(`${target}.new`, { recursive: true, force: true });
    await cp(PAGES_FOLDER, `${target}.new`, { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(`${target}.new`, target);
    return pages;
  });
}

async function buildPages(): Promise<Metafile['outputs']> {
  for (const old of [STAMP, PAGES_FOLDER]) await rm(old, { recursive: true, force: true });
  await mkdir(join(PAGES_FOLDER, 'assets'), { recursive: true });
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.html'));
  const pages = await Promise.all(
    names
      .filter((name) => name !== 'bar.html')
      .map(async (name) => ({ name, html: await readFile(join(SOURCES, name), 'utf8') })),
  );
  const outputs = Object.assign({}, ...(await Promise.all(entryGroups(pages).map(bundle))));
  const built = (source: string) => builtFrom(outputs, source);
  const bar = await readFile(join(SOURCES, 'bar.html'), 'utf8');
  for (const { name, html } of pages) {
    const path = name === HOME ? '/' : `/${basename(name, '.html')}`;
    await writeFile(join(PAGES_FOLDER, name), pageHtml(html, { bar, path, built }));
  }
  for (const source of NAMED) {
    const name = join(PAGES_FOLDER, 'assets', source.replace(/\.ts$/, '.js'));
    await writeFile(name, `import ${JSON.stringify(built(source).url)};\n`);
  }
  await copy(SOURCES, '.svg', '.');
  await copy(KERNELS, '.wasm', 'kernels');
  await copy(SAMPLES, '.jpg', 'samples');
  return outputs;
}

/**
 * Groups of sources that are bundled together and share code: the page at / with the engine, and the other pages. In
 * one bundle the first page would also load the parts of shared modules that only the others use.
 */
function entryGroups(pages: readonly { name: string; html: string }[]): string[][] {
  const sources = (home: boolean) =>
    pages.filter(({ name }) => (name === HOME) === home).flatMap(({ html }) => sourcesOf(html));
  const first = new Set([...sources(true), ...NAMED]);
  const others = new Set(sources(false).filter((source) => !first.has(source)));
  return [[...first], [...others]];
}

async function bundle(sources: readonly string[]): Promise<Metafile['outputs']> {
  const entryPoints = sources.map((name) => join(SOURCES, name));
  const options = {
    entryPoints,
    outbase: SOURCES,
    absWorkingDir: ROOT,
    outdir: join(PAGES_FOLDER, 'assets'),
    entryNames: '[dir]/[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    format: 'esm',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [pageErrors],
  } as const satisfies BuildOptions;
  const { metafile } = await build(options);
  return metafile.outputs;
}

/** URL of the output of a source, and of the scripts that it imports statically. */
function builtFrom(outputs: Metafile['outputs'], source: string): BuiltSource {
  const entry = relative(ROOT, join(SOURCES, source));
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry);
  if (!found) throw new Error(`Nothing was built from ${entry}.`);
  const [path, { imports }] = found;
  const url = (output: string) => output.replace(/^dist\/pages/, '');
  const statements = imports.filter(({ kind }) => kind === 'import-statement');
  return { url: url(path), imports: statements.map(({ path }) => url(path)) };
}

/** Copies the files with this extension to a folder of the assets. */
async function copy(from: string, extension: string, to: string): Promise<void> {
  const target = join(PAGES_FOLDER, 'assets', to);
  await mkdir(target, { recursive: true });
  for (const name of await readdir(from)) {
    if (extname(name) === extension) await cp(join(from, name), join(target, name));
  }
}

/** The output of a script or a style. */
interface BuiltSource {
  readonly url: string;
  /** For a script: URLs of its static imports. */
  readonly imports: readonly string[];
}

interface PageParts {
  /** The HTML of the bar. */
  readonly bar: string;
  /** Path of the page, such as `/network`: its link in the bar is marked as current. */
  readonly path: string;
  readonly built: (source: string) => BuiltSource;
}

const REFERENCE = /(src|href)="([\w./-]+\.(?:ts|css))"/g;

/** Names of the scripts and styles that a page refers to: `index.ts`, `style.css`. */
function sourcesOf(html: string): string[] {
  return [...html.matchAll(REFERENCE)].map(([, , name]) => name!);
}

function pageHtml(html: string, { bar, path, built }: PageParts): string {
  const marked = bar.replace(new RegExp(`<a href="${path}"`), '$& aria-current="page"');
  const imports = new Set(sourcesOf(html).flatMap((source) => built(source).imports));
  const preloads = [...imports].map((url) => `<link rel="modulepreload" href="${url}" />`);
  return html
    .replace('<!-- bar.html -->', () => marked)
    .replace(REFERENCE, (_, attribute, source) => `${attribute}="${built(source).url}"`)
    .replace('</head>', () => `${preloads.join('\n')}\n</head>`)
    .replace(/\n\s+/g, '\n');
}
