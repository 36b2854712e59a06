/**
 * What the bench measures: an engine that runs one network, whatever it is and wherever it runs.
 * @module
 */
import type { Input } from '../network/inputs.ts';
import type { BenchNetwork } from '../network/networks.ts';
import type { BenchPage } from '../page/browser.ts';
import type { PeerFiles } from '../peers/models.ts';

export type Host = 'Node' | 'Chromium' | 'workerd' | 'native';

export interface EngineInfo {
  /** Unique among the engines. */
  readonly id: string;
  readonly name: string;
  readonly host: Host;
  readonly precision: 'float32' | 'int8';
  readonly ours: boolean;
}

export interface OpenEngine {
  /** What the engine has chosen for itself on this machine. */
  readonly detail?: string;
  /** What the engine holds, bytes, where it says so. */
  readonly memoryBytes?: number;
  /** Probabilities, float32 [classes]. */
  classify(input: Input): Promise<Float32Array>;
  /** Milliseconds of each of `runs` classifications of this input, one after the other. */
  time(input: Input, runs: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** What there is to open an engine with. What is undefined is not to be had on this machine. */
export interface Bed {
  readonly network: BenchNetwork;
  readonly peerFiles: PeerFiles;
  /** The peers' packages are installed. */
  readonly peersInstalled: boolean;
  readonly page: BenchPage | undefined;
}

export interface BenchEngine {
  readonly info: EngineInfo;
  /** Why this engine cannot run here, with what to do about it; undefined when it can. */
  missing(bed: Bed): string | undefined;
  open(bed: Bed): Promise<OpenEngine>;
}
