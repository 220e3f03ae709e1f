import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type JsonAnswer, sendJson } from './json-answer.ts';

const apiVersion = '2019-08-01';
// Azure's own tokens for a managed identity live 24 hours.
const lifetimeSeconds = 24 * 60 * 60;

/**
 * The token endpoint that App Service gives to an app with a managed identity.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export class ManagedIdentity {
  readonly path = '/msi/token';
  /** What a caller must send in `X-IDENTITY-HEADER`. */
  readonly header = randomUUID();
  readonly server: Server = createServer((request, response) => sendJson(response, this.#answer(request)));
  /** Token → resource. */
  readonly #issued = new Map<string, string>();

  /** True for a token that this endpoint issued for that resource. */
  issued(token: string, resource: string): boolean {
    return this.#issued.get(token) === resource;
  }

  #answer(request: IncomingMessage): JsonAnswer {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const resource = searchParams.get('resource');
    if (pathname !== this.path || request.method !== 'GET') return refusal(404, 'Not found');
    if (request.headers['x-identity-header'] !== this.header) {
      return refusal(401, 'X-IDENTITY-HEADER is missing or wrong');
    }
    if (searchParams.get('api-version') !== apiVersion)
      return refusal(400, `api-version must be ${apiVersion}`);
    if (!resource) return refusal(400, 'resource is missing');

    const token = randomBytes(32).toString('base64url');
    this.#issued.set(token, resource);
    const body = {
      access_token: token,
      client_id: '00000000-0000-0000-0000-000000000000',
      // Unix seconds, as text: so App Service writes them.
      expires_on: String(Math.floor(Date.now() / 1000) + lifetimeSeconds),
      resource,
      token_type: 'Bearer',
    };
    return { status: 200, body };
  }
}

function refusal(status: number, message: string): JsonAnswer {
  return { status, body: { statusCode: status, message } };
}
