import { afterEach, describe, expect, test } from 'vitest';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import { functionKey } from '../integration/operator.ts';

let host: FunctionHost;
afterEach(() => host?.stop());

const start = async (env: Record<string, string>) => {
  host = await startFunctionHost({ functionKey, env });
};
const post = async (source: string) => {
  const response = await fetch(`${host.url}/api/webhooks/${source}`, { method: 'POST', body: '{}' });
  return { status: response.status, body: await response.text() };
};
const details = async () =>
  (await fetch(`${host.url}/api/health/details`, { headers: { 'x-functions-key': functionKey } })).text();

describe('strangers get a code, and who holds a key the reason', () => {
  test('of a source that is configured wrongly', async () => {
    await start({
      RELAY_CONFIG: 'test/http/broken.relay.json',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    });
    const { status, body } = await post('broken');
    expect({ status, body: JSON.parse(body) }).toMatchObject({
      status: 503,
      body: { code: 'configuration-incomplete' },
    });
    for (const word of ['hidden', 'options', 'broken.relay.json', 'mapping'])
      expect(body).not.toContain(word);
    expect(await details()).toContain('hidden-internal-option');
  });

  test('of settings that are wrong', async () => {
    await start({ MAX_BODY_BYTES: 'many', AzureWebJobsStorage: 'UseDevelopmentStorage=true' });
    const { status, body } = await post('shopify');
    expect({ status, body: JSON.parse(body) }).toMatchObject({
      status: 503,
      body: { code: 'configuration-incomplete' },
    });
    expect(body).not.toContain('MAX_BODY_BYTES');
    expect(await details()).toContain('MAX_BODY_BYTES');
    await post('shopify');
    const lines = host.log().split('\n');
    expect(lines.filter((line) => line.includes('webhook refused'))).toEqual([
      expect.stringContaining('{"source":"(unknown)","reason":"configuration-incomplete","count":1}'),
    ]);
  });
});
