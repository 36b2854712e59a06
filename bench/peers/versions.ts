import hebb from '../../package.json' with { type: 'json' };
import peers from './package.json' with { type: 'json' };

/** The versions that are pinned: ours for what the project uses itself, else the peers' own. */
const VERSIONS: Readonly<Record<string, string>> = {
  ...peers.dependencies,
  ...hebb.dependencies,
  ...hebb.devDependencies,
};

/** A package with its version: `onnxruntime-web 1.30.0`. */
export const withVersion = (name: string, called = name): string => `${called} ${VERSIONS[name]}`;
