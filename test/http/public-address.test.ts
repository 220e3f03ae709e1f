import { HttpRequest } from '@azure/functions';
import { afterEach, expect, test, vi } from 'vitest';
import { publicAddress } from '../../src/http/webhook-request.ts';

afterEach(() => vi.unstubAllEnvs());

test.each([
  [
    'PUBLIC_URL, before all',
    'https://hooks.example.com',
    'app.azurewebsites.net',
    'https://hooks.example.com',
  ],
  [
    'PUBLIC_URL with a path',
    'https://apim.example.com/relay/',
    'app.azurewebsites.net',
    'https://apim.example.com/relay',
  ],
  ["the app's own name, in Azure", undefined, 'app.azurewebsites.net', 'https://app.azurewebsites.net'],
  ['the address that was called, under func', undefined, 'localhost:7071', 'http://127.0.0.1:7071'],
  ['the address that was called, under the local host', undefined, undefined, 'http://127.0.0.1:7071'],
])('%s', (_, publicUrl, hostname, expected) => {
  vi.stubEnv('WEBSITE_HOSTNAME', hostname);
  const headers = { 'x-forwarded-host': 'evil.example', host: 'evil.example' };
  const request = new HttpRequest({ method: 'GET', url: 'http://127.0.0.1:7071/api/health', headers });
  expect(publicAddress(request, publicUrl)).toBe(expected);
});
