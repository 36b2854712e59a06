/**
 * Runs the bundled Worker in workerd, Cloudflare's runtime, with local R2 and KV.
 * @module
 */
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { BUNDLE_FOLDER, type WorkerBundle } from './bundle.ts';

interface TlsOptions {
  readonly trustBrowserCas?: boolean;
  /** As PEM. */
  readonly trustedCertificates?: string[];
}

/** Destination of the Worker's own requests: a network, or one server for all. */
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
  /** 0 for any free port. */
  readonly port: number;
  readonly host?: string;
  /** Folder of R2 and KV; without it they are in memory. */
  readonly persist?: string;
  /** Additional plain-text bindings. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Service that fetches images from URLs; by default the public internet. */
  readonly web?: OutgoingService;
  /** Overrides the rate limit of wrangler.toml. */
  readonly rateLimit?: { readonly limit: number; readonly period: 10 | 60 };
  /** Port of V8's inspector; by default no inspector. */
  readonly inspectorPort?: number;
}

/**
 * workerd's protection against SSRF: it resolves a name and connects in one step, and refuses addresses of this machine
 * and of private networks, so that a changed DNS answer cannot bypass the check.
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
      cf: false, // do not download sample request metadata from Cloudflare
      log: new Log(LogLevel.WARN),
      telemetry: { enabled: false },
      ...(inspectorPort === undefined ? {} : { inspectorPort }),
      ...(persist ? { resourcePersistencePath: persist } : {}),
      workers: [worker],
    }),
  );
}
