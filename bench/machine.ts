import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

/** What figures depend on; part of every result. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  /**
   * Whether the CPU shows AVX-VNNI, which V8 compiles the relaxed dot product to. Without it that
   * instruction takes two or three others. AVX-512's VNNI is another one: V8 does not use it, native
   * engines do. Undefined where the system does not say.
   */
  readonly avxVnni?: boolean;
  readonly avx512Vnni?: boolean;
  readonly node: string;
  readonly v8: string;
  readonly chromium?: string;
  /** UTC, to the day. */
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

/** The model's name, with family and model where the name alone says little (virtual machines). */
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
    return undefined; // no Linux
  }
}
