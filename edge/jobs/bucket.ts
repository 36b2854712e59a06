/**
 * What is used of R2, and two things that are said often.
 * @module
 */

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** Quoted, as headers have it. */
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
  /** Null when `onlyIf` does not hold. */
  put(
    key: string,
    value: string | Uint8Array<ArrayBuffer>,
    options?: PutOptions,
  ): Promise<StoredObject | null>;
  delete(keys: string | string[]): Promise<void>;
  list(options: ListOptions): Promise<Listing>;
}

/** Keys that one call of `delete` takes. */
const MAX_DELETE = 1000;

/** Pages of a listing, however many there are: what follows one may depend on it. */
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

/** Stores what is not there yet; false when it was. */
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

/** JSON at a key; undefined when there is none. */
export async function getJson<T>(bucket: JobBucket, key: string): Promise<T | undefined> {
  const object = await bucket.get(key);
  return object ? await object.json<T>() : undefined;
}
