import type { HttpResponseInit } from '@azure/functions';
import { type HealthStatus, healthDetails, healthStatus } from '../../src/health.ts';
import { json } from '../../src/http/problem.ts';
import { relayState } from '../../src/relay.ts';

/** Everybody may ask, and each look costs calls to storage: an answer counts for so long. */
const keptMs = 5000;

let last: { readonly askedAt: number; readonly status: Promise<HealthStatus> } | undefined;

/** 200 with `degraded` while something does not work: whoever takes the relay away then, loses what it would have queued. */
export async function showHealth(): Promise<HttpResponseInit> {
  const now = Date.now();
  if (!last || now - last.askedAt >= keptMs) last = { askedAt: now, status: relayState().then(healthStatus) };
  const status = await last.status;
  return json(httpStatusOf(status), { status });
}

export async function showHealthDetails(): Promise<HttpResponseInit> {
  const health = await healthDetails(await relayState());
  return json(httpStatusOf(health.status), health);
}

const httpStatusOf = (status: HealthStatus): number => (status === 'not-ready' ? 503 : 200);
