import { gunzipSync, gzipSync } from 'node:zlib';
import { type KeptRequest, keptBefore } from '../../sources/kept-request.ts';

/** What is kept of a request: in the queue, and in the records. */
export interface PackedRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** gzip, which begins with its two bytes; else the body as it is. */
  readonly body: Uint8Array;
}

/** Below this, in bytes, compression costs more time than it saves. */
const smallBytes = 2048;

export function packRequest({ headers, body }: Pick<KeptRequest, 'headers' | 'body'>): PackedRequest {
  const isPlain = body.byteLength < smallBytes && !isCompressed(body);
  return { headers: [...headers], body: isPlain ? body : gzipSync(body, { level: 1 }) };
}

/** RFC 1952, section 2.3.1 */
function isCompressed([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

/** Throws what zlib throws for a body that is not what {@link packRequest} made. */
export function unpackRequest({ headers, body }: PackedRequest): KeptRequest {
  const given = headers.map(([name, value]): [string, string] => [name, value]);
  return keptBefore({ headers: new Headers(given), body: isCompressed(body) ? gunzipSync(body) : body });
}
