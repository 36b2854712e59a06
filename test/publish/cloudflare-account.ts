/**
 * The resources of a Cloudflare account, and the part of the REST API that `wrangler deploy` uses.
 * @module
 */

export interface ApiError {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

export interface ApiRequest {
  readonly method: string;
  /** Path after the account's id. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** A Worker's binding, as its upload names it. */
export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly namespace_id?: string;
}

export interface Account {
  readonly namespaces: Named[];
  readonly queues: Named[];
  readonly buckets: string[];
  /** Bindings of the Worker's newest version; undefined while there is no Worker. */
  bindings: readonly Binding[] | undefined;
  readonly secrets: Map<string, string>;
  schedules: unknown;
  readonly consumers: { readonly queue: string; readonly settings: unknown }[];
}

/** An account to which Hebb has been deployed, or a new one. */
export function createAccount({ deployed = true } = {}): Account {
  const names = ['hebb-registry', 'hebb-keys'];
  const binding = (name: string, id: string) => ({ name, type: 'kv_namespace', namespace_id: id });
  return {
    namespaces: deployed ? names.map((name) => ({ id: name, name })) : [],
    queues: deployed ? ['hebb-jobs', 'hebb-jobs-dead'].map((name) => ({ id: name, name })) : [],
    buckets: deployed ? ['hebb-models', 'hebb-jobs'] : [],
    bindings: deployed
      ? ['REGISTRY', 'KEYS'].map((name, i) => binding(name, names[i]!))
      : undefined,
    secrets: new Map(),
    schedules: undefined,
    consumers: [],
  };
}

const NO_WORKER = {
  status: 404,
  code: 10007,
  message: 'This Worker does not exist on your account.',
};
const NO_BUCKET = { status: 404, code: 10006, message: 'The specified bucket does not exist.' };

/** Fields of the answer to every upload. */
const VERSION = '00000000-0000-4000-8000-000000000000';

type Answer = { readonly result: unknown } | { readonly error: ApiError } | undefined;

const ok = (result: unknown = {}): Answer => ({ result });

/** The answer to a request; undefined for an unknown path. */
export async function answerAccount(account: Account, request: ApiRequest): Promise<Answer> {
  const { method, path, query, body } = request;
  const json = () => JSON.parse(body.toString('utf8')) as Record<string, string>;
  const { bindings } = account;
  switch (`${method} ${path.replace(/^(r2\/buckets|queues)\/[^/]+/, '$1/*')}`) {
    case 'GET workers/services/hebb':
      if (bindings) return ok({ default_environment: { environment: 'production', script: {} } });
      return { error: { ...NO_WORKER, code: 10090 } };
    case 'GET workers/scripts/hebb/settings':
      return bindings ? ok({ bindings }) : { error: NO_WORKER };
    case 'GET workers/scripts/hebb/deployments':
      return bindings ? ok({ deployments: [] }) : { error: NO_WORKER };
    case 'GET workers/scripts/hebb/secrets':
      return ok([...account.secrets.keys()].map((name) => ({ name, type: 'secret_text' })));
    case 'PUT workers/scripts/hebb/secrets': {
      if (!bindings) return { error: NO_WORKER };
      const { name, text } = json();
      account.secrets.set(name!, text!);
      return ok({ name, type: 'secret_text' });
    }
    case 'POST workers/scripts/hebb/assets-upload-session':
      return ok({ jwt: 'nothing-is-missing', buckets: [] });
    case 'PUT workers/scripts/hebb':
      account.bindings = inherited(await bindingsOf(body), bindings);
      return ok({ id: 'hebb', startup_time_ms: 20, deployment_id: VERSION.replaceAll('-', '') });
    case 'POST workers/scripts/hebb/versions':
      account.bindings = inherited(await bindingsOf(body), bindings);
      return ok({ id: VERSION, startup_time_ms: 20, resources: { script: { etag: 'x' } } });
    case 'POST workers/scripts/hebb/deployments':
      return ok({ id: VERSION });
    case 'PATCH workers/scripts/hebb/script-settings':
      return ok();
    case 'GET workers/workers/hebb': {
      const subdomain = { enabled: true, previews_enabled: false };
      return ok({ id: 'hebb', name: 'hebb', subdomain, references: { domains: [] } });
    }
    case 'GET workers/subdomain':
      return ok({ subdomain: 'example' });
    case 'POST workers/scripts/hebb/subdomain':
      return ok({ enabled: true, previews_enabled: false });
    case 'PUT workers/scripts/hebb/schedules':
      account.schedules = JSON.parse(body.toString('utf8'));
      return ok();
    case 'GET r2/buckets':
      return ok({ buckets: account.buckets.map((name) => ({ name })) });
    case 'POST r2/buckets':
      account.buckets.push(json().name!);
      return ok();
    case 'GET r2/buckets/*': {
      const name = path.split('/')[2]!;
      return account.buckets.includes(name) ? ok({ name }) : { error: NO_BUCKET };
    }
    case 'GET storage/kv/namespaces':
      return ok(account.namespaces.map(({ id, name }) => ({ id, title: name })));
    case 'POST storage/kv/namespaces': {
      const name = json().title!;
      account.namespaces.push({ id: name, name });
      return ok({ id: name, title: name });
    }
    case 'GET queues': {
      const wanted = query.getAll('name');
      const found = account.queues.filter(({ name }) => !wanted[0] || wanted.includes(name));
      return ok(found.map(({ id, name }) => ({ queue_id: id, queue_name: name, consumers: [] })));
    }
    case 'POST queues': {
      const name = json().queue_name!;
      account.queues.push({ id: name, name });
      return ok({ queue_id: name, queue_name: name });
    }
    case 'GET queues/*/consumers':
      return ok([]);
    case 'POST queues/*/consumers':
      account.consumers.push({ queue: path.split('/')[1]!, settings: JSON.parse(body.toString()) });
      return ok();
    default:
      return undefined;
  }
}

/** Resolves bindings of the type `inherit` to the Worker's existing bindings of the same name. */
const inherited = (uploaded: readonly Binding[], before: readonly Binding[] = []) =>
  uploaded.map((binding) =>
    binding.type === 'inherit' ? before.find(({ name }) => name === binding.name)! : binding,
  );

/** The upload is a form whose part `metadata` is JSON. */
async function bindingsOf(body: Buffer): Promise<readonly Binding[]> {
  const boundary = body.subarray(2, body.indexOf('\r\n')).toString('latin1');
  const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  const metadata = form.get('metadata');
  const text = metadata instanceof Blob ? await metadata.text() : String(metadata);
  return (JSON.parse(text) as { bindings: Binding[] }).bindings;
}
