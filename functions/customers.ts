import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { apply } from '../src/delivery/apply.ts';
import { forbiddenFieldsOf } from '../src/delivery/source.ts';
import { customerIdSchema } from '../src/domain/customer-id.ts';
import { customerPatchSchema } from '../src/domain/customer-patch.ts';
import { type Violation, violationsOf } from '../src/domain/violation.ts';
import { answering } from '../src/http/answering.ts';
import { readBody } from '../src/http/body.ts';
import { logApplied, postponedProblem, reportOf } from '../src/http/outcome.ts';
import { json, ProblemError, problem } from '../src/http/problem.ts';
import { getRelay, type Relay } from '../src/relay.ts';
import { parseJson } from '../src/sources/json-body.ts';

/** PATCH /api/customers/{customerId}: one change, answered in the same call, for Logic Apps and scripts. */
app.http('customers', {
  route: 'customers/{customerId}',
  methods: ['PATCH'],
  authLevel: 'function',
  handler: answering(patchCustomer),
});

async function patchCustomer(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const change = await readChange(request, relay);
  const result = await apply(change, relay.directScale);
  logApplied(context, result, { source: 'direct', deliveryId: context.invocationId });

  const upstream = { status: result.status, requestId: result.requestId, message: result.message };
  switch (result.outcome) {
    case 'applied':
      return json(200, reportOf(result));
    case 'customer-not-found':
      return problem('customer-not-found', {
        detail: 'DirectScale has no customer with this id. It takes the internal id, not the Back Office ID.',
        members: { upstream },
      });
    case 'rejected':
      return problem('rejected', {
        detail: 'DirectScale rejected the change; its words are in upstream.message.',
        members: { upstream },
      });
    default:
      return postponedProblem(result);
  }
}

async function readChange(request: HttpRequest, relay: Relay) {
  const customerId = customerIdSchema.safeParse(request.params.customerId);
  if (!customerId.success) throw invalid([{ path: 'customerId', message: firstMessage(customerId.error) }]);
  const fields = customerPatchSchema.safeParse(
    parseJson(await readBody(request, relay.settings.MAX_BODY_BYTES)),
  );
  if (!fields.success) throw invalid(violationsOf(fields.error));
  const forbidden = forbiddenFieldsOf(fields.data, relay.forbiddenDirectly);
  if (forbidden.length > 0) throw invalid(forbidden);
  return {
    customer: { customerId: customerId.data },
    occurredAt: new Date().toISOString(),
    fields: fields.data,
  };
}

function firstMessage(error: { readonly issues: readonly { readonly message: string }[] }): string {
  return error.issues[0]?.message ?? 'is invalid';
}

function invalid(violations: readonly Violation[]): ProblemError {
  return new ProblemError('invalid', { detail: 'Correct what is listed under violations.', violations });
}
