import type { SigningKey } from './signing-key.ts';

/** One HTTP request as a source kind sees it. Pure data: no stream, no clock. */
export interface WebhookRequest {
  readonly method: string;
  /** The full public URL, as the sender called it: some schemes sign it. */
  readonly url: URL;
  readonly headers: Headers;
  /** The body, byte for byte as it was sent: signatures are checked on these. */
  readonly body: Uint8Array;
}

/** What a request needs to be checked against, read from configuration and the vault. */
export interface VerificationContext<Options> {
  readonly options: Options;
  /** Every key that is valid now: several during a rotation. None: nothing can be verified. */
  readonly keys: readonly SigningKey[];
  readonly now: Date;
}

/** How a kind verifies a request, and what it keeps of one. */
export interface Verifier<Options> {
  /** The headers that `read` needs, by name in lower case; absent: everything is in the body. */
  readonly headersRead?: RegExp;
  /** True only for a request that holds one of the secrets. Constant time, on the raw bytes, never throws. */
  verify(request: WebhookRequest, context: VerificationContext<Options>): boolean;
  /** How a verified request was verified, where `read` must know: kept as the header {@link verifiedAsHeader}. */
  verifiedAs?(request: WebhookRequest, context: VerificationContext<Options>): string | undefined;
  /** The body as it is kept and read, for a kind whose sender puts a secret into it. Absent: as it was sent. */
  withoutSecret?(body: Uint8Array): Uint8Array;
}

/** No sender's header whose name begins so is ever kept: the relay's own words about a request. */
export const relaysOwn = 'relay-';
export const verifiedAsHeader = `${relaysOwn}verified-as`;

declare const verified: unique symbol;

/**
 * What is kept of an authentic request, and all that `read` gets to see: the headers that the kind names, never a
 * signature or a secret, and the body. Only {@link keepVerified} and {@link keptBefore} make one.
 */
export interface KeptRequest {
  readonly [verified]: true;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Verifies a request and keeps what its kind reads of it; undefined: it is not authentic. */
export function keepVerified<Options>(
  kind: Verifier<Options>,
  request: WebhookRequest,
  context: VerificationContext<Options>,
): KeptRequest | undefined {
  if (!kind.verify(request, context)) return undefined;
  const headers = headersRead(kind, request);
  const verifiedAs = kind.verifiedAs?.(request, context);
  if (verifiedAs !== undefined) headers.set(verifiedAsHeader, verifiedAs);
  return kept(headers, kind.withoutSecret?.(request.body) ?? request.body);
}

/** What an operator gives to be previewed, reduced to what the kind reads. */
export function keptForPreview(
  kind: Pick<Verifier<unknown>, 'headersRead' | 'withoutSecret'>,
  request: WebhookRequest,
): KeptRequest {
  return kept(headersRead(kind, request), kind.withoutSecret?.(request.body) ?? request.body);
}

function headersRead(
  { headersRead: read }: Pick<Verifier<unknown>, 'headersRead'>,
  { headers }: WebhookRequest,
): Headers {
  const names = [...headers.keys()].filter((name) => read?.test(name) && !name.startsWith(relaysOwn));
  return new Headers(names.map((name) => [name, headers.get(name) ?? '']));
}

/** What was verified when it came: out of storage or the queue, or given by an operator who may see everything. */
export function keptBefore({ headers, body }: Pick<WebhookRequest, 'headers' | 'body'>): KeptRequest {
  return kept(headers, body);
}

function kept(headers: Headers, body: Uint8Array): KeptRequest {
  // The mark exists for the compiler only.
  return { headers, body } as KeptRequest;
}
