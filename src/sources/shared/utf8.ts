import { MalformedDelivery } from '../kind.ts';

/** The text of a body that is UTF-8, without its byte order mark. Throws {@link MalformedDelivery} for any other. */
export function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw new MalformedDelivery('The body is not UTF-8.', { cause: error });
  }
}
