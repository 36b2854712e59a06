/**
 * Builds an image from a Dockerfile without a container engine: the steps are carried out in a plain
 * folder, whose paths stand for those of the image.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export interface Image {
  /** Folder that stands for `/`. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of USER, which has to be numbers. */
  readonly uid: number;
  readonly gid: number;
  /** Words, in terms of this machine. */
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

export interface BuildOptions {
  readonly dockerfile: string;
  /** What COPY copies from. */
  readonly context: string;
  /** An empty folder. */
  readonly folder: string;
}

/** Where images put things; other absolute paths are those of the machine, `/bin/sh` among them. */
const PLACES = /(?<=^|[\s="'[])\/opt(?=\/|\b)/g;

/** Installs packages of a distribution, which this machine has to have already. */
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
      throw new Error(`${keyword} is not carried out here: ${line}`);
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
    // A folder's content is copied, not the folder; a file goes into what ends in a slash.
    const isFolder = path.endsWith('/') || from !== undefined;
    const intoFolder = !isFolder && (paths.length > 2 || to.endsWith('/'));
    const end = intoFolder ? join(target, basename(path)) : target;
    await mkdir(dirname(end), { recursive: true });
    // The stage before is not needed any more, and moving gigabytes is quicker than copying them.
    if (from) await rename(join(stages.get(from)!.root, path), end);
    else await cp(join(context, path), end, { recursive: true });
  }
}

/** A RUN step: as root, with umask 022, as container engines do it. */
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
