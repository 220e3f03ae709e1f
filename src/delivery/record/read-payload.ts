import { type KeptRequest, keptBefore, relaysOwn } from '../../sources/kept-request.ts';
import type { JsonValue } from '../../sources/kind.ts';
import { parseJson } from '../../sources/shared/json-body.ts';
import { type FoundBy, foundBys } from './found-by.ts';

/** A payload for a source's mapping that was read, and not sent by the source. */
export interface ReadPayload {
  readonly payload: JsonValue;
  /** When the reading began: what was received since then is newer, whatever time the payload names. */
  readonly readAt: Date;
  readonly foundBy: FoundBy;
}

const readAtHeader = `${relaysOwn}read-at`;
const foundByHeader = `${relaysOwn}found-by`;

/** The form in which it is kept, to be replayed. {@link readPayloadOf} reads it again. */
export function requestOf({ payload, readAt, foundBy }: ReadPayload): KeptRequest {
  const headers = new Headers({ [readAtHeader]: readAt.toISOString(), [foundByHeader]: foundBy });
  return keptBefore({ headers, body: Buffer.from(JSON.stringify(payload)) });
}

/** The payload that was read; undefined: the source sent this request. Senders cannot make the headers. */
export function readPayloadOf({ headers, body }: KeptRequest): ReadPayload | undefined {
  const foundBy = foundBys.find((one) => one === headers.get(foundByHeader));
  const readAt = new Date(headers.get(readAtHeader) ?? Number.NaN);
  if (!foundBy || Number.isNaN(readAt.getTime())) return undefined;
  return { payload: parseJson(body) as JsonValue, readAt, foundBy }; // what JSON.parse gives is JSON
}
