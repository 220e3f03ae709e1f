/**
 * A process as the deployed app is one: the unmodified Azure clients, told about the vault only by the
 * environment. Reads names from stdin, a line each, and prints what came of it as a line of JSON.
 */
import { createInterface } from 'node:readline';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';

const client = new SecretClient(process.env.KEY_VAULT_URL ?? '', new ManagedIdentityCredential(), {
  disableChallengeResourceVerification: true,
  retryOptions: { maxRetries: 0 },
});

for await (const name of createInterface({ input: process.stdin })) {
  const outcome = await client.getSecret(name).then(
    (secret) => ({ value: secret.value, version: secret.properties.version }),
    (error: Error & { statusCode?: number; code?: string; details?: unknown }) => ({
      name: error.name,
      statusCode: error.statusCode,
      code: error.code,
      details: error.details,
      message: error.message,
    }),
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
