/**
 * Runs the bundled Worker in workerd, the runtime that Cloudflare runs, with local R2 and KV.
 * @module
 */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { BUNDLE_FOLDER, type WorkerBundle } from './bundle.ts';

export interface ServeOptions {
  /** Folder of the static assets. */
  readonly assets: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly host?: string;
  /** Folder in which R2 and KV are kept; without it they are gone with the server. */
  readonly persist?: string;
  /** Plain-text bindings beside those of wrangler.toml. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Port of V8's inspector; none without it. */
  readonly inspectorPort?: number;
}

/** Starts the Worker; `ready` of the result resolves to its URL. */
export function serveWorker(bundle: WorkerBundle, options: ServeOptions): Miniflare {
  const { assets, port, host = '127.0.0.1', persist, vars, inspectorPort } = options;
  const worker = {
    ...bundle.options,
    assets: { ...(bundle.options.assets as object), directory: assets },
    bindings: { ...(bundle.options.bindings as object), ...vars },
    modulesRoot: BUNDLE_FOLDER,
    modules: bundle.modules.map((module) => ({ ...module })),
  };
  return new Miniflare(
    convertV4MiniflareOptions({
      host,
      port,
      cf: false, // no download of a sample of Cloudflare's request metadata
      log: new Log(LogLevel.WARN),
      telemetry: { enabled: false },
      ...(inspectorPort === undefined ? {} : { inspectorPort }),
      ...(persist ? { resourcePersistencePath: persist } : {}),
      workers: [worker],
    }),
  );
}
