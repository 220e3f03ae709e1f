import type { HttpResponseInit } from '@azure/functions';
import { checkHealth } from '../../src/health.ts';
import { json } from '../../src/http/problem.ts';
import { relayState } from '../../src/relay.ts';

export async function showHealth(): Promise<HttpResponseInit> {
  const { status } = await checkHealth(await relayState());
  return json(status === 'ready' ? 200 : 503, { status });
}

export async function showHealthDetails(): Promise<HttpResponseInit> {
  const health = await checkHealth(await relayState());
  return json(health.status === 'ready' ? 200 : 503, health);
}
