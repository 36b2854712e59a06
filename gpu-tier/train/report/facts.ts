/**
 * Facts for a report (configuration, package, machine) as rows of names and values.
 * @module
 */

import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { basename, isAbsolute } from 'node:path';
import type { Manifest, QuantizationStep } from '@hebb/model';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import packageJson from '../package.json' with { type: 'json' };
import type { ReportFacts } from './report-data.ts';

type Row = readonly [name: string, value: string];

/** Machine and versions, without names of hosts or folders. */
export function machineFacts(backend: RunnerBackend): ReportFacts {
  const rows: Row[] = [
    ['CPU', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`],
    ['memory', `${Math.round(totalmem() / 2 ** 30)} GB`],
    ['system', `${platform()} ${release()}`],
    ['float32 on', `${backend.kind}: ${backend.reason}`],
    ['int8 on', 'the edge’s engine, WASM SIMD'],
    ['Hebb', packageJson.version],
    ['Node', process.versions.node],
  ];
  return { title: 'Machine and versions', rows };
}

export function packageFacts({
  name,
  version,
  network,
  preprocessing,
  quantization,
}: Manifest): ReportFacts {
  const { rule, size } = preprocessing.resize;
  const rows: Row[] = [
    ['name', name],
    ['version', version],
    [
      'network',
      `${network.variant}, ${network.classes} classes, ${network.inputSize} pixels${network.output ? `, ${network.output}` : ''}`,
    ],
    ['resize', `${rule} ${size}, crop ${preprocessing.crop}`],
    ...(quantization ? ([['int8 scales', quantization.scales]] as const) : []),
    ...(quantization?.steps ?? []).map(stepRow),
  ];
  return { title: 'Package', rows };
}

/** A step of the quantiser, measured on calibration images that it held out. */
const stepRow = (
  { step, taken, agreement, loss, divergence, decibels }: QuantizationStep,
  index: number,
): Row => [
  `int8: ${index === 0 ? '' : '+ '}${step}${taken ? '' : ' (not taken)'}`,
  [
    `${agreement.toFixed(1)} % the same answer`,
    ...(loss === undefined ? [] : [`${loss.toFixed(2)} points of top-1 lost`]),
    `divergence ${divergence.toExponential(1)}`,
    `${decibels.toFixed(1)} dB`,
  ].join(', '),
];

/** A configuration of any shape: `augment.area` → `0.25, 1`. */
export const configurationFacts = (configuration: unknown): ReportFacts => ({
  title: 'Configuration',
  rows: flatten(configuration, ''),
});

function flatten(value: unknown, path: string): Row[] {
  const nested = typeof value === 'object' && value !== null;
  const list = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  if (!nested || list) return path === '' ? [] : [[path, plain(value)]];
  return Object.entries(value).flatMap(([key, child]) =>
    flatten(child, path === '' ? key : `${path}.${key}`),
  );
}

/** Paths of this machine are private: only the last part of an absolute path is shown. */
const plain = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(plain).join(', ')
    : typeof value === 'string' && isAbsolute(value)
      ? basename(value)
      : String(value);
