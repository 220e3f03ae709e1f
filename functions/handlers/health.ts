import type { HttpResponseInit } from '@azure/functions';
import { type HealthStatus, healthDetails, healthStatus } from '../../src/health.ts';
import { json } from '../../src/http/problem.ts';
import { relayState } from '../../src/relay.ts';

/** 200 with `degraded` while something does not work: whoever takes the relay away then, loses what it would have queued. */
export async function showHealth(): Promise<HttpResponseInit> {
  const status = await healthStatus(await relayState());
  return json(httpStatusOf(status), { status });
}

export async function showHealthDetails(): Promise<HttpResponseInit> {
  const health = await healthDetails(await relayState());
  return json(httpStatusOf(health.status), health);
}

const httpStatusOf = (status: HealthStatus): number => (status === 'not-ready' ? 503 : 200);
