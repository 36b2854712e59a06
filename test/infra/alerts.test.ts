/**
 * Alerts, dashboard and runbook agree with each other and with the metrics and events of the services.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { ERRORS } from '@hebb/model/errors';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startTier, type TestTier } from '../support/tier.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: { expr: string }[] }[];
}

const read = (...path: string[]) => readFile(join(ROOT, ...path), 'utf8');

const alerts = parse(await read('infra', 'alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = alerts.groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(await read('infra', 'grafana.json')) as Dashboard;
const runbook = await read('docs', 'operations.md');

/** The metrics in a PromQL expression, without functions, keywords, labels and strings. */
function metricsOf(expr: string): string[] {
  const bare = expr.replace(/"[^"]*"/g, '""').replace(/\b(by|without) *\([^)]*\)/g, '');
  const names = bare.replace(/\{[^}]*\}/g, '').match(/\b[a-z_][a-z0-9_]*\b(?! *\()/g) ?? [];
  return names.filter((name) => !/^(offset|by|or|and|unless|[0-9]*[smhd])$/.test(name));
}

describe('the alerts and the dashboard', () => {
  let tier: TestTier;
  let exposed: Set<string>;
  let text: string;
  beforeAll(async () => {
    tier = await startTier({ models: [BUILT_IN_MODEL], maxBatchSize: 1 });
    text = await (await tier.fetch('/metrics')).text();
    // The series of a histogram have its name as their prefix.
    const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
    exposed = new Set(
      types.flatMap(([, name, type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name!],
      ),
    );
  });
  afterAll(() => tier.stop());

  it('use metrics that the tier exposes', () => {
    const asked = [
      ...rules.map(({ alert, expr }) => [alert, expr] as const),
      ...dashboard.panels.flatMap(({ title, targets }) =>
        targets.map(({ expr }) => [title, expr] as const),
      ),
    ];
    for (const [name, expr] of asked) {
      const metrics = metricsOf(expr);
      expect(metrics.length, expr).toBeGreaterThan(0);
      // `up` is a metric of Prometheus itself.
      const unknown = metrics.filter((metric) => metric !== 'up' && !exposed.has(metric));
      expect(unknown, name).toEqual([]);
    }
  });

  it('use existing outcomes and reasons', () => {
    const outcomes = [...Object.keys(ERRORS), 'ok', 'cancelled'];
    for (const { alert, expr } of rules) {
      for (const [, value] of expr.matchAll(/outcome=~?"([^"]+)"/g)) {
        expect(outcomes, alert).toEqual(expect.arrayContaining(value!.split('|')));
      }
      for (const [, value] of expr.matchAll(/reason=~?"([^"]+)"/g)) {
        expect(['crash', 'hang', 'memory'], alert).toEqual(
          expect.arrayContaining(value!.split('|')),
        );
      }
    }
  });

  it('use all of our own metrics', () => {
    const used = new Set(
      [...rules, ...dashboard.panels.flatMap(({ targets }) => targets)].flatMap(({ expr }) =>
        metricsOf(expr).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
      ),
    );
    const own = [...text.matchAll(/^# TYPE (hebb_\w+) /gm)].map(([, name]) => name!);
    const known = own.filter(
      (name) => used.has(name) || used.has(name.replace(/_(bucket|sum|count)$/, '')),
    );
    expect(known).toEqual(own);
  });
});

describe('the runbook', () => {
  it('has an entry for every alert, and for no other', () => {
    const section = runbook.slice(runbook.indexOf('## Alerts on the GPU tier'));
    const entries = [...section.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(entries).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook_url).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    }
  });

  it('lists every event that the edge logs, and no other', async () => {
    const events = await eventsIn('edge/worker', /(?:event: |report\()'(\w+)'/g);
    expect(tableOf('## What the edge logs')).toEqual(events);
  });

  it('lists every event that the GPU tier logs, and no other', async () => {
    const events = await eventsIn('gpu-tier', /\b(?:log|asLine)\([^,]*, '(\w+)'/g);
    expect(tableOf('## What the GPU tier logs')).toEqual(events);
  });
});

/** Events in the first column of the table below a heading, sorted. */
function tableOf(heading: string): string[] {
  const [, after = ''] = runbook.split(`${heading}\n`);
  const section = after.slice(0, after.indexOf('\n## '));
  const cells = [...section.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!)).sort();
}

async function eventsIn(folder: string, pattern: RegExp): Promise<string[]> {
  const files = (await readdir(join(ROOT, folder), { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const found = await Promise.all(
    files.map(async (file) => [...(await read(folder, file)).matchAll(pattern)].map(([, e]) => e!)),
  );
  return [...new Set(found.flat())].sort();
}
