import type { HttpRequest } from '@azure/functions';
import { ProblemError } from './problem.ts';

/**
 * The body, byte for byte. Stops reading as soon as it passes `limit` bytes, whatever Content-Length says.
 * Throws a {@link ProblemError}: 413 for a body over the limit, 415 for a compressed one.
 */
export async function readBody(request: HttpRequest, limit: number): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase();
  if (encoding && encoding !== 'identity') {
    throw new ProblemError('unsupported-encoding', { detail: 'Send the body without a Content-Encoding.' });
  }
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
  if (!request.body) return new Uint8Array();

  const chunks: Uint8Array[] = [];
  let length = 0;
  // Cancelling the stream would destroy the connection before the answer is out: the rest is left unread instead.
  for await (const chunk of request.body.values({ preventCancel: true })) {
    const bytes = chunk as Uint8Array; // a request body is a stream of bytes; its declared type says unknown
    length += bytes.byteLength;
    if (length > limit) throw tooLarge(limit);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(limit: number): ProblemError {
  return new ProblemError('body-too-large', {
    detail: `The body may have at most ${limit} bytes (setting MAX_BODY_BYTES, or maxBodyBytes of the source).`,
  });
}
