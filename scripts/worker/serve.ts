/**
 * Runs the bundled Worker in workerd, the runtime that Cloudflare runs, with local R2 and KV.
 * @module
 */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { BUNDLE_FOLDER, type WorkerBundle } from './bundle.ts';

interface TlsOptions {
  readonly trustBrowserCas?: boolean;
  /** As PEM. */
  readonly trustedCertificates?: string[];
}

/** Where requests of the Worker go: into a network, or all to one server. */
export type OutgoingService =
  | { readonly network: { readonly allow: string[]; readonly tlsOptions?: TlsOptions } }
  | {
      readonly external: {
        /** `127.0.0.1:8443` */
        readonly address: string;
        readonly https: { readonly tlsOptions: TlsOptions; readonly certificateHost: string };
      };
    };

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
  /** What images are fetched from URLs by, in place of the public internet. */
  readonly web?: OutgoingService;
  /** In place of the limit of wrangler.toml. */
  readonly rateLimit?: { readonly limit: number; readonly period: 10 | 60 };
  /** Port of V8's inspector; none without it. */
  readonly inspectorPort?: number;
}

/**
 * workerd's own guard: it resolves a name and connects in one step, to no address of this machine or
 * of a private network, whatever the name said a moment before.
 */
export const PUBLIC_INTERNET: OutgoingService = {
  network: { allow: ['public'], tlsOptions: { trustBrowserCas: true } },
};

/** Starts the Worker; `ready` of the result resolves to its URL. */
export function serveWorker(bundle: WorkerBundle, options: ServeOptions): Miniflare {
  const { assets, port, host = '127.0.0.1', persist, vars, inspectorPort } = options;
  const { web = PUBLIC_INTERNET, rateLimit } = options;
  const worker = {
    ...bundle.options,
    assets: { ...(bundle.options.assets as object), directory: assets },
    bindings: { ...(bundle.options.bindings as object), ...vars },
    serviceBindings: { ...(bundle.options.serviceBindings as object), WEB: web },
    ...(rateLimit && { ratelimits: { RATE_LIMIT: { namespace_id: '1001', simple: rateLimit } } }),
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
