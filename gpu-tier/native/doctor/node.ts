import { type Finding, ok, problem } from './finding.ts';

/** The first Node that runs TypeScript files as they are, without a flag or a warning. */
const LEAST_NODE = 24;

/** `version` as in v24.21.0. */
export function checkNode(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major >= LEAST_NODE) return ok('Node', version);
  const fix = 'Run npm install: it brings one. Or install Node 24 or newer.';
  return problem('Node', `${version} is too old`, fix);
}
