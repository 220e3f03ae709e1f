import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { applyAll, isPostponed } from '../src/delivery/apply.ts';
import { receive } from '../src/delivery/receive.ts';
import { answering } from '../src/http/answering.ts';
import { readBody } from '../src/http/body.ts';
import { logApplied, postponedProblem, reportOf } from '../src/http/outcome.ts';
import { json, problem } from '../src/http/problem.ts';
import { webhookRequest } from '../src/http/webhook-request.ts';
import { getRelay, getSource } from '../src/relay.ts';

/** POST /api/webhooks/{source}: a vendor's webhook. Its signature is the authentication. */
app.http('webhooks', {
  route: 'webhooks/{source}',
  methods: ['GET', 'HEAD', 'OPTIONS', 'POST'],
  authLevel: 'anonymous',
  handler: answering(takeWebhook),
});

async function takeWebhook(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const relay = await getRelay();
  const source = getSource(relay, request.params.source);
  const body = await readBody(request, relay.settings.MAX_BODY_BYTES);
  const webhook = webhookRequest(request, body, relay.settings.PUBLIC_URL);
  const received = await receive(source, webhook, relay.secrets, new Date());

  switch (received.type) {
    case 'handshake':
      return received.reply;
    case 'refused':
      context.warn(`webhook refused: source ${source.name}`);
      return problem('unauthorized', {
        detail: 'The signature is missing or does not match. Check the secret on both sides.',
      });
    case 'malformed':
      return problem('malformed-body', { detail: received.detail });
    case 'ignored':
      context.log(
        `delivery ignored: ${received.reason}; source ${source.name}, delivery ${received.deliveryId}`,
      );
      return json(200, { deliveryId: received.deliveryId, status: 'ignored', reason: received.reason });
    case 'unmappable': {
      const { deliveryId, violations } = received;
      context.error(
        `delivery unmappable: ${JSON.stringify({ source: source.name, deliveryId, violations })}`,
      );
      // A refusal would make the vendor repeat for hours what can never be mapped, and then drop the webhook.
      return json(200, { deliveryId, status: 'unmappable', violations });
    }
    case 'accepted': {
      const { deliveryId, changes } = received;
      const results = await applyAll(changes, relay.directScale);
      for (const result of results) logApplied(context, result, { source: source.name, deliveryId });
      const postponed = results.find(isPostponed);
      if (postponed) return postponedProblem(postponed);
      return json(200, { deliveryId, status: 'done', changes: results.map(reportOf) });
    }
  }
}
