import { gunzipSync, gzipSync } from 'node:zlib';
import { type KeptRequest, keptBefore } from '../../sources/kept-request.ts';

/** What is kept of a request, compressed: in the queue, and in the records. */
export interface PackedRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** gzip */
  readonly body: Uint8Array;
}

export function packRequest({ headers, body }: Pick<KeptRequest, 'headers' | 'body'>): PackedRequest {
  return { headers: [...headers], body: gzipSync(body, { level: 1 }) };
}

/** Throws what zlib throws for a body that is not what {@link packRequest} made. */
export function unpackRequest({ headers, body }: PackedRequest): KeptRequest {
  const given = headers.map(([name, value]): [string, string] => [name, value]);
  return keptBefore({ headers: new Headers(given), body: gunzipSync(body) });
}
