import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

/** The machine that was measured; part of every result. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  /**
   * Whether the CPU has AVX-VNNI, which V8 uses for the relaxed dot product; without it V8 emits two or
   * three instructions. AVX-512 VNNI is another extension: native engines use it, V8 does not.
   * Undefined where the system does not tell.
   */
  readonly avxVnni?: boolean;
  readonly avx512Vnni?: boolean;
  readonly node: string;
  readonly v8: string;
  readonly chromium?: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly date: string;
}

export function describeMachine(date: Date, chromium?: string): Machine {
  const flags = cpuFlags();
  return {
    cpu: cpuModel(),
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    ...(flags && { avxVnni: flags.has('avx_vnni'), avx512Vnni: flags.has('avx512_vnni') }),
    node: process.versions.node,
    v8: process.versions.v8,
    ...(chromium && { chromium }),
    date: date.toISOString().slice(0, 10),
  };
}

/** The CPU's name, with family and model number, since virtual machines often hide the name. */
function cpuModel(): string {
  const name = cpus()[0]?.model.trim() ?? 'unknown';
  const info = cpuInfo();
  const family = info?.match(/^cpu family\s*: (\d+)$/m)?.[1];
  const model = info?.match(/^model\s*: (\d+)$/m)?.[1];
  return family && model ? `${name} (family ${family}, model ${model})` : name;
}

function cpuFlags(): Set<string> | undefined {
  const flags = cpuInfo()?.match(/^flags\s*: (.*)$/m)?.[1];
  return flags === undefined ? undefined : new Set(flags.split(' '));
}

function cpuInfo(): string | undefined {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined; // not Linux
  }
}
