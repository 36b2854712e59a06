/**
 * Builds an image from a Dockerfile without a container engine: runs the steps in an ordinary folder, which
 * represents the root of the image.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export interface Image {
  /** Folder that represents `/`. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Numeric ids of USER. */
  readonly uid: number;
  readonly gid: number;
  /** The arguments, with paths on this machine. */
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

export interface BuildOptions {
  readonly dockerfile: string;
  /** Source folder of COPY. */
  readonly context: string;
  /** An empty folder. */
  readonly folder: string;
}

/** Paths inside the image. Other absolute paths, such as `/bin/sh`, are the machine's. */
const PLACES = /(?<=^|[\s="'[])\/opt(?=\/|\b)/g;

/** Installs distribution packages, which must already be on this machine. */
const SYSTEM = /^apt-get /;

interface Stage {
  readonly root: string;
  workdir: string;
  readonly env: Record<string, string>;
  user: string;
  entrypoint: string[];
  healthcheck: string[];
}

export async function buildImage({ dockerfile, context, folder }: BuildOptions): Promise<Image> {
  const text = (await readFile(dockerfile, 'utf8')).replace(/\\\n(\s*#.*\n)*/g, ' ');
  const stages = new Map<string, Stage>();
  let stage!: Stage;
  const here = (path: string) => path.replace(PLACES, (place) => join(stage.root, place));
  for (const line of text.split('\n')) {
    const [, keyword, rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (!keyword) continue;
    const words = rest.trim().split(/\s+/);
    if (keyword === 'FROM') {
      const name = words[2] ?? 'last';
      stage = { root: join(folder, name), workdir: '/', env: {}, user: '', ...commands() };
      stages.set(name, stage);
      await mkdir(stage.root);
      await chmod(stage.root, 0o755);
    } else if (keyword === 'WORKDIR') {
      stage.workdir = here(rest);
      await mkdir(stage.workdir, { recursive: true });
    } else if (keyword === 'ENV' || keyword === 'ARG') {
      for (const word of words) {
        const at = word.indexOf('=');
        stage.env[word.slice(0, at)] = here(word.slice(at + 1));
      }
    } else if (keyword === 'COPY') {
      await copy(words, stage, stages, context, here);
    } else if (keyword === 'RUN') {
      if (!SYSTEM.test(rest)) await sh(here(rest), stage);
    } else if (keyword === 'USER') {
      stage.user = rest;
    } else if (keyword === 'ENTRYPOINT') {
      stage.entrypoint = JSON.parse(rest) as string[];
    } else if (keyword === 'HEALTHCHECK') {
      stage.healthcheck = JSON.parse(/CMD (\[.*\])/.exec(rest)![1]!) as string[];
    } else if (keyword !== 'VOLUME' && keyword !== 'EXPOSE') {
      throw new Error(`${keyword} is not supported here: ${line}`);
    }
  }
  const { user, ...built } = stage;
  const [uid, gid] = user.split(':').map(Number);
  return { ...built, uid: uid!, gid: gid! };
}

const commands = () => ({ entrypoint: [], healthcheck: [] });

async function copy(
  words: readonly string[],
  stage: Stage,
  stages: ReadonlyMap<string, Stage>,
  context: string,
  here: (path: string) => string,
): Promise<void> {
  const from = /^--from=(.+)$/.exec(words[0]!)?.[1];
  const paths = from ? words.slice(1) : words;
  const to = paths.at(-1)!;
  const target = to.startsWith('/') ? here(to) : resolve(stage.workdir, to);
  for (const path of paths.slice(0, -1)) {
    // Copies the content of a folder, not the folder; copies a file into a target that ends in a slash.
    const isFolder = path.endsWith('/') || from !== undefined;
    const intoFolder = !isFolder && (paths.length > 2 || to.endsWith('/'));
    const end = intoFolder ? join(target, basename(path)) : target;
    await mkdir(dirname(end), { recursive: true });
    // The previous stage is not needed any more, and moving gigabytes is faster than copying.
    if (from) await rename(join(stages.get(from)!.root, path), end);
    else await cp(join(context, path), end, { recursive: true });
  }
}

/** Runs a RUN step as root with umask 022, as container engines do. */
async function sh(command: string, { workdir, env }: Stage): Promise<void> {
  const child = spawn('/bin/sh', ['-ec', `umask 022; ${command}`], {
    cwd: workdir,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`RUN ${command}: exit code ${code}\n${output}`);
}
