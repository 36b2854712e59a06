import hebb from '../../package.json' with { type: 'json' };
import peers from './package.json' with { type: 'json' };

/** Pinned versions. The project's own take precedence over the peers'. */
const VERSIONS: Readonly<Record<string, string>> = {
  ...peers.dependencies,
  ...hebb.dependencies,
  ...hebb.devDependencies,
};

/** A package with its version: `onnxruntime-web 1.30.0`. */
export const withVersion = (name: string, called = name): string => `${called} ${VERSIONS[name]}`;
