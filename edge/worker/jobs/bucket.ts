/**
 * The part of R2 that is used, and helpers for it.
 * @module
 */

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** Quoted, as in headers. */
  readonly httpEtag: string;
  readonly customMetadata?: Readonly<Record<string, string>>;
  readonly httpMetadata?: { readonly contentType?: string };
}

export interface StoredBody extends StoredObject {
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
  json<T>(): Promise<T>;
}

export interface PutOptions {
  readonly onlyIf?: Headers;
  readonly customMetadata?: Record<string, string>;
  readonly httpMetadata?: { readonly contentType: string };
}

export interface ListOptions {
  readonly prefix: string;
  readonly delimiter?: string;
  readonly startAfter?: string;
  readonly cursor?: string;
  readonly limit?: number;
  readonly include?: ('customMetadata' | 'httpMetadata')[];
}

export interface Listing {
  readonly objects: readonly StoredObject[];
  readonly delimitedPrefixes: readonly string[];
  readonly truncated: boolean;
  readonly cursor?: string;
}

export interface JobBucket {
  head(key: string): Promise<StoredObject | null>;
  get(key: string): Promise<StoredBody | null>;
  /** Null if `onlyIf` does not hold. */
  put(
    key: string,
    value: string | Uint8Array<ArrayBuffer>,
    options?: PutOptions,
  ): Promise<StoredObject | null>;
  delete(keys: string | string[]): Promise<void>;
  list(options: ListOptions): Promise<Listing>;
}

/** Most keys of one call of `delete`. */
const MAX_DELETE = 1000;

/** All pages of a listing. */
export async function* listPages(bucket: JobBucket, options: ListOptions): AsyncGenerator<Listing> {
  let page = await bucket.list(options);
  yield page;
  while (page.truncated && page.cursor) {
    page = await bucket.list({ ...options, cursor: page.cursor });
    yield page;
  }
}

/** All objects under a prefix. */
export async function listObjects(
  bucket: JobBucket,
  options: ListOptions,
): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const page of listPages(bucket, options)) objects.push(...page.objects);
  return objects;
}

/** Stores the object unless the key exists; returns whether it did. */
export async function putNew(
  bucket: JobBucket,
  key: string,
  value: string,
  options: PutOptions = {},
): Promise<boolean> {
  const onlyIf = new Headers({ 'If-None-Match': '*' });
  return (await bucket.put(key, value, { ...options, onlyIf })) !== null;
}

export async function deleteAll(bucket: JobBucket, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += MAX_DELETE) {
    await bucket.delete(keys.slice(at, at + MAX_DELETE));
  }
}

/** Parsed JSON at a key; undefined without an object. */
export async function getJson<T>(bucket: JobBucket, key: string): Promise<T | undefined> {
  const object = await bucket.get(key);
  return object ? await object.json<T>() : undefined;
}
