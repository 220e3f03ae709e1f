import type { ServerResponse } from 'node:http';

/** An HTTP answer with a JSON body. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

export function sendJson(response: ServerResponse, { status, headers, body }: JsonAnswer): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}
