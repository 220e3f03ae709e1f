import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface ToSend {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  readonly isChunked?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly location: string | undefined;
}

/** Connections that are kept alive, as those of a vendor and of the platform's proxy are. */
export const keptAlive = (maxSockets: number) => new Agent({ keepAlive: true, maxSockets });

/** Sends one request, as odd as it is. Rejects if there is no whole answer in time. */
export async function send(sending: ToSend, agent: Agent, timeoutMs: number): Promise<Answer> {
  try {
    return await sendOnce(sending, agent, timeoutMs);
  } catch (error) {
    // The other end may close an idle connection just when it is used again.
    if (!(error instanceof ConnectionReused)) throw error;
    return sendOnce(sending, agent, timeoutMs);
  }
}

class ConnectionReused extends Error {}

function sendOnce(
  { url, method, headers, body, isChunked }: ToSend,
  agent: Agent,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body && !isChunked ? { 'Content-Length': String(body.byteLength) } : {};
    const sending = request(url, { method, headers: { ...headers, ...length }, agent });
    const timer = setTimeout(() => sending.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    let hasAnswer = false;
    sending.on('response', (response) => {
      hasAnswer = true;
      const { statusCode: status = 0, headers: answered } = response;
      text(response)
        .then((received) => resolve({ status, text: received, location: answered.location }), reject)
        .finally(() => clearTimeout(timer));
    });
    sending.on('error', (error: NodeJS.ErrnoException) => {
      // What is sent after an answer that came early may find nobody who reads it.
      if (hasAnswer) return;
      clearTimeout(timer);
      reject(error.code === 'ECONNRESET' && sending.reusedSocket ? new ConnectionReused() : error);
    });
    if (body && isChunked) for (const piece of piecesOf(body)) sending.write(piece);
    sending.end(isChunked ? undefined : body);
  });
}

function piecesOf(body: Uint8Array): Uint8Array[] {
  const length = Math.max(1, Math.ceil(body.byteLength / 5));
  return Array.from({ length: 5 }, (_, n) => body.subarray(n * length, (n + 1) * length)).filter(
    (piece) => piece.byteLength > 0,
  );
}
