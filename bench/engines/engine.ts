/**
 * The interface of the engines that are measured.
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
  /** The kernels or the build that the engine chose on this machine. */
  readonly detail?: string;
  /** The engine's memory, bytes, if it reports it. */
  readonly memoryBytes?: number;
  /** Probabilities, float32 [classes]. */
  classify(input: Input): Promise<Float32Array>;
  /** Runs `runs` classifications of this input, one after the other. Returns the milliseconds of each. */
  time(input: Input, runs: number): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** What engines need to open. Undefined fields are not available on this machine. */
export interface Bed {
  readonly network: BenchNetwork;
  readonly peerFiles: PeerFiles;
  /** True if the peers' npm packages are installed. */
  readonly peersInstalled: boolean;
  readonly page: BenchPage | undefined;
}

export interface BenchEngine {
  readonly info: EngineInfo;
  /** Why this engine cannot run here, and the remedy; undefined if it can. */
  missing(bed: Bed): string | undefined;
  open(bed: Bed): Promise<OpenEngine>;
}
