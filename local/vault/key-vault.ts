import type { IncomingMessage } from 'node:http';
import type { JsonAnswer } from './json-answer.ts';
import type { ManagedIdentity } from './managed-identity.ts';
import type { SecretStore } from './secret-store.ts';

const resource = 'https://vault.azure.net';
const tenant = 'https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111';

/**
 * The answer of Key Vault's Get Secret, given only to holders of a token of `identity`. `vaultUrl` has no trailing slash.
 * https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 * https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
 */
export function getSecret(
  request: IncomingMessage,
  vaultUrl: string,
  secrets: SecretStore,
  identity: ManagedIdentity,
): JsonAnswer {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) return challenge('AKV10000: Request is missing a Bearer or PoP token.');
  if (!identity.issued(token, resource)) return challenge('AKV10022: Invalid token.');

  const { pathname, searchParams } = new URL(request.url ?? '/', vaultUrl);
  if (!searchParams.has('api-version')) return refusal(400, 'BadParameter', 'api-version must be specified');
  // A get of the current version ends in a slash where the version would be.
  const [, name, version] = /^\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-f]*))?$/.exec(pathname) ?? [];
  if (!name) return refusal(404, 'NotFound', 'Not found');
  if (request.method !== 'GET') return refusal(405, 'MethodNotAllowed', 'This vault is read-only over HTTP');

  const secret = secrets.read(name, version);
  if (!secret) {
    return refusal(404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault.`);
  }
  if (!secret.enabled) {
    return refusal(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
  }
  const body = {
    value: secret.value,
    id: `${vaultUrl}/secrets/${name}/${secret.version}`,
    attributes: {
      enabled: true,
      created: secret.created,
      updated: secret.created,
      recoveryLevel: 'Recoverable+Purgeable',
    },
  };
  return { status: 200, body };
}

/** A client's first request has neither token nor body: this answer tells it where to get a token. */
function challenge(message: string): JsonAnswer {
  const headers = { 'www-authenticate': `Bearer authorization="${tenant}", resource="${resource}"` };
  return { ...refusal(401, 'Unauthorized', message), headers };
}

function refusal(status: number, code: string, message: string, innerCode?: string): JsonAnswer {
  return {
    status,
    body: { error: { code, message, ...(innerCode && { innererror: { code: innerCode } }) } },
  };
}
