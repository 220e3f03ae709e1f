import type { HttpRequest } from '@azure/functions';
import { ProblemError } from './problem.ts';

/** Every vendor sends its body at once; who takes longer holds an invocation. */
const bodyDeadlineMs = 20_000;

/** Of what comes after a refusal so much is read and thrown away (the host lets no more through), for so long. */
const discarded = { bytes: 100 * 1024 * 1024, ms: 30_000 };

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/**
 * The body, byte for byte, of at most `limitBytes`, whatever Content-Length says.
 * Throws a {@link ProblemError}: 400 for a body that breaks off, 408 for one that takes longer than the deadline, 413 for one
 * over the limit, 415 for a compressed one. What is still to come then is read and thrown away, within bounds: the host
 * keeps connections alive, and the next request on one begins behind it.
 */
export async function readBody(
  request: HttpRequest,
  limitBytes: number,
  deadlineMs = bodyDeadlineMs,
): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase();
  if (encoding && encoding !== 'identity') {
    throw new ProblemError('unsupported-encoding', { detail: 'Send the body without a Content-Encoding.' });
  }
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) throw tooLarge(limitBytes);
  if (!request.body) return new Uint8Array();

  // A request body is a stream of bytes; the library's declared type says any.
  const reader: BodyReader = request.body.getReader();
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), deadlineMs);
  try {
    return await readWhole(reader, limitBytes, late.promise);
  } catch (error) {
    void discard(reader);
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('malformed-body', { detail: 'The body broke off.' }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readWhole(reader: BodyReader, limitBytes: number, late: Promise<'late'>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const read = await Promise.race([reader.read(), late]);
    if (read === 'late') throw new ProblemError('body-timeout', { detail: 'Send the body without pauses.' });
    if (read.done) return Buffer.concat(chunks, length);
    length += read.value.byteLength;
    if (length > limitBytes) throw tooLarge(limitBytes);
    chunks.push(read.value);
  }
}

/** Reads on in the background, then closes the connection; cancelling at once would destroy the connection before the answer is out. Never rejects. */
async function discard(reader: BodyReader): Promise<void> {
  const close = () => reader.cancel().catch(() => undefined);
  const timer = setTimeout(close, discarded.ms).unref();
  let left = discarded.bytes;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      left -= read.value.byteLength;
      if (left < 0) return void (await close());
    }
  } catch {
    // The sender is gone, and nobody waits for the rest.
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(limitBytes: number): ProblemError {
  return new ProblemError('body-too-large', {
    detail: `The body may have at most ${limitBytes} bytes (setting MAX_BODY_BYTES, or maxBodyBytes of the source).`,
  });
}
