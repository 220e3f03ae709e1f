import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Deadline in ms, the reading of the answer included. */
  readonly timeoutMs: number;
  /** At most so much of the answer is read. */
  readonly limitBytes: number;
}

/**
 * What one exchange came to.
 *  - `answer`: whatever the status
 *  - `none`: no whole answer. `mayHaveArrived` false: there never was a connection, so nothing was sent
 */
export type Exchanged =
  | { readonly type: 'answer'; readonly status: number; readonly headers: Headers; readonly text: string }
  | { readonly type: 'none'; readonly reason: 'timeout' | 'no-answer'; readonly mayHaveArrived: boolean };

/**
 * One HTTP exchange over connections that are kept. Follows no redirect, asks for no compression. Rejects only if a header cannot be sent.
 * By node:http, because fetch needs three times the CPU, and does not tell whether there was a connection.
 */
export async function exchange(
  url: URL,
  { method, headers, body, timeoutMs, limitBytes }: Request,
): Promise<Exchanged> {
  const signal = AbortSignal.timeout(timeoutMs);
  let mayHaveArrived = false;
  const answered = Promise.withResolvers<IncomingMessage>();
  const options = { method, headers, signal };
  const sending = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options);
  sending
    .once('socket', (socket) => {
      if (!socket.connecting) mayHaveArrived = true;
      else socket.once('connect', () => (mayHaveArrived = true));
    })
    .once('response', answered.resolve)
    .on('error', answered.reject)
    .end(body);
  try {
    const response = await answered.promise;
    const text = await readText(response, limitBytes);
    return { type: 'answer', status: response.statusCode ?? 0, headers: headersOf(response), text };
  } catch {
    return { type: 'none', reason: signal.aborted ? 'timeout' : 'no-answer', mayHaveArrived };
  }
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  return new Headers(
    Object.entries(headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  );
}

/** Lets go of what is beyond the limit, and of the connection with it. */
async function readText(response: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > limitBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, limitBytes).toString('utf8');
}
