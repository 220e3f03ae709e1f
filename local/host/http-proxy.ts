import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

/** They belong to one connection (RFC 9110, 7.6.1); `expect` is answered by this server already. */
const hopByHop = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'x-ms-invocation-id',
]);

// Connections are used again, as by the real host's proxy: what a handler leaves unread on one meets the next request.
const agent = new Agent({ keepAlive: true });

/** The library's server closes what was idle for five seconds: what could be nearly that old when the request arrives must not be used again. */
const reusableMs = 1000;
const idleSince = new WeakMap<object, number>();
agent.on('free', (socket: object) => idleSince.set(socket, performance.now()));

/** By the clock: on a busy machine the timers of agent and server come late, and a request would meet a closing connection. */
function dropOldConnections(): void {
  const oldest = performance.now() - reusableMs;
  for (const socket of Object.values(agent.freeSockets).flat())
    if (socket && (idleSince.get(socket) ?? 0) < oldest) socket.destroy();
}

const unanswered = new Set(['connection', 'keep-alive', 'transfer-encoding', 'x-ms-invocation-id']);

/**
 * Passes a request on to the library's server under its invocation id, and the answer back, both as streams.
 * The forwarded headers are those that the real host's proxy (YARP with its default transforms) sets. As there, the answer
 * is passed on only after the whole body of the request was sent (HttpConnection.SendAsync of .NET awaits that).
 * `failed` is told when there is no answer to pass back; destroying what this returns is such a case.
 */
export function proxy(
  invocationId: string,
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
  failed: (error: Error) => void,
): ClientRequest {
  const forwarded = Object.entries(request.headers).filter(([name]) => !hopByHop.has(name));
  dropOldConnections();
  const onward = httpRequest(new URL(request.url ?? '/', target), {
    method: request.method,
    agent,
    headers: {
      ...Object.fromEntries(forwarded),
      'x-ms-invocation-id': invocationId,
      'x-forwarded-for': request.socket.remoteAddress,
      'x-forwarded-host': request.headers.host ?? 'localhost',
      'x-forwarded-proto': 'http',
    },
  });
  let answered = false;
  const passOn = (answer: IncomingMessage) => {
    answered = true;
    const headers = Object.fromEntries(
      Object.entries(answer.headers).filter(([name]) => !unanswered.has(name)),
    );
    response.writeHead(answer.statusCode ?? 500, headers);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  };
  onward.on('response', (answer) => {
    if (onward.writableFinished) passOn(answer);
    else onward.once('finish', () => passOn(answer));
  });
  // Once there is an answer, what could not be sent any more does not matter.
  onward.on('error', (error) => {
    if (!answered) failed(error);
  });
  // At once, as the real host's proxy does (YARP, StreamCopyHttpContent): the library's server may take a connection on which
  // nothing arrives for idle, and close it before a body that is late.
  onward.flushHeaders();
  // Not a pipe: that waits for a drain, which Node does not tell of once there is an answer.
  request.on('data', (chunk) => {
    request.pause();
    onward.write(chunk, () => request.resume());
  });
  request.on('end', () => onward.end());
  response.on('close', () => {
    if (!response.writableFinished) onward.destroy();
  });
  return onward;
}

const lingerMs = 5000;

/**
 * Discards what a caller still sends after its answer, for five seconds as the real host's server (Kestrel) does.
 * A connection closed at once would be reset, and the caller might never see the answer.
 */
export function lingerAfter(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  response.once('finish', () => {
    request.resume();
    const timer = setTimeout(() => request.socket.destroy(), lingerMs).unref();
    request.once('close', () => clearTimeout(timer));
  });
}
