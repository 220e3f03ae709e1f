import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const lingerMs = 5000;

/** By the codes of Node's parser and server; everything else is a 400. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers what is not HTTP, or has larger headers than the server takes, with the status that Node itself would, but
 * discards what the caller still sends for five seconds. Node closes the connection at once; it is reset then, and the
 * caller may never see the answer.
 */
export function answerUnreadable(server: Server): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => answers.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket);
    const isBusy = answer?.headersSent && !answer.writableFinished;
    if (!socket.writable || isBusy) {
      socket.destroy();
      return;
    }
    const status = statuses[error.code ?? ''] ?? 400;
    // Nothing of what comes can be parsed any more.
    socket.removeAllListeners('data');
    socket.on('data', () => {});
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    socket.once('close', () => clearTimeout(timer));
  });
}
