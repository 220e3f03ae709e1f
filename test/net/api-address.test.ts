import { expect, test } from 'vitest';
import { apiAddress } from '../../src/net/api-address.ts';

test.each([
  ['https://api.example.com', 'https://api.example.com'],
  ['https://api.example.com/', 'https://api.example.com'],
  ['https://gateway.example.com/crm//', 'https://gateway.example.com/crm'],
  ['http://127.0.0.1:7071', 'http://127.0.0.1:7071'],
  ['http://[::1]:7071', 'http://[::1]:7071'],
  ['http://localhost', 'http://localhost'],
])('%s is taken, without a slash at its end', (address, taken) =>
  expect(apiAddress.parse(address)).toBe(taken),
);

test.each([
  'http://api.example.com',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'ftp://127.0.0.1',
  'api.example.com',
  '',
])('%j is refused: a key would travel in the clear, or nowhere', (address) =>
  expect(apiAddress.safeParse(address).success).toBe(false),
);
