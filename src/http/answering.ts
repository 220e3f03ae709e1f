import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { isStorageFailure, storageStatus } from '../delivery/store/storage-errors.ts';
import { SecretMissing, SecretStoreUnavailable } from '../secrets/secret-store.ts';
import { MalformedDelivery } from '../sources/kind.ts';
import { describeSpan, span } from '../telemetry/telemetry.ts';
import { isFirstInMinute } from './once-a-minute.ts';
import { ProblemError, problem, secretsUnavailable } from './problem.ts';

/**
 * Wraps a handler so that it always answers: with HTTP streaming on, a handler that throws leaves the caller
 * waiting until the host gives up (azure-functions-nodejs-library issue 324).
 * Our own failure is a 503, because several vendors drop an event for good on any other status.
 */
export function answering(
  handler: (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>,
): HttpHandler {
  const answer: typeof handler = async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      if (error instanceof ProblemError) return problem(error.code, error.details);
      if (error instanceof MalformedDelivery) return problem('malformed-body', { detail: error.message });
      if (error instanceof SecretMissing || error instanceof SecretStoreUnavailable) {
        context.error(`${error.code}: ${error.message}`);
        const { code, details } = secretsUnavailable();
        return problem(code, details);
      }
      // A position in a list that has the form of one, and that storage does not take.
      if (storageStatus(error) === 400 && request.query.has('from')) {
        const violations = [{ path: 'from', message: 'must be the next of the page before' }];
        return problem('invalid', { detail: 'Correct what is listed under violations.', violations });
      }
      if (isStorageFailure(error)) {
        context.error(`storage-unavailable: ${describe(error)}`);
        return problem('storage-unavailable', {
          detail: 'Nothing was accepted. Send the request again after the time in Retry-After.',
          retryAfterSeconds: 10,
        });
      }
      // The message may hold a value of the payload: only the kind of the error and its place in the code are logged.
      context.error(`unexpected failure: ${describe(error)}`);
      return problem('unexpected', {
        detail: 'The relay failed; the failure is logged under this invocation id. Send the request again.',
        members: { invocationId: context.invocationId },
      });
    }
  };
  return (request, context) => {
    const attributes = { 'http.request.method': request.method, 'faas.invocation_id': context.invocationId };
    const parent = context.traceContext?.traceParent;
    return span(`HTTP ${context.functionName}`, { kind: 'server', attributes, parent }, async () => {
      const response = await answer(request, context);
      describeSpan({ 'http.response.status_code': response.status ?? 200 });
      return response;
    });
  };
}

/** The same for what everybody may ask for without a key: of its spans one a minute is kept. */
export function answeringEverybody(handler: Parameters<typeof answering>[0]): HttpHandler {
  return answering((request, context) => {
    isFirstInMinute(context.functionName);
    return handler(request, context);
  });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return [error.name, ...place.slice(0, 8)].join('\n');
}
