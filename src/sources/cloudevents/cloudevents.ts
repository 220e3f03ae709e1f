import * as z from 'zod';
import { isForAPerson } from '../delivery-item.ts';
import type { SourceKind, VerificationContext, WebhookRequest } from '../kind.ts';
import {
  asksForConsent,
  type CloudEvent,
  cloudEventHeaders,
  consent,
  deliveryIdOf,
  readCloudEvents,
} from '../shared/cloudevents-http.ts';
import { contentOf, eventTypeOptions, sharedType } from '../shared/event-types.ts';
import { bearerToken, isSecret } from '../shared/shared-secret.ts';

const optionsSchema = z.strictObject({
  ...eventTypeOptions,
  allowedOrigins: z
    .array(z.string().min(1))
    .optional()
    .describe('Senders whose OPTIONS handshake is consented to without a token, by WebHook-Request-Origin.'),
});

type Options = z.infer<typeof optionsSchema>;

/**
 * CloudEvents 1.0 over HTTP, webhook profile: a token in `Authorization: Bearer` or in `?access_token=`.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md
 */
export const cloudevents: SourceKind<Options> = {
  name: 'cloudevents',
  options: optionsSchema,
  trusted: false,
  headersRead: cloudEventHeaders,

  handshake(request, context) {
    if (!asksForConsent(request)) return undefined;
    const origin = request.headers.get('webhook-request-origin') ?? '';
    const isAllowed = context.options.allowedOrigins?.includes(origin) || verify(request, context);
    return isAllowed ? consent(request.headers) : undefined;
  },

  verify,

  read(request, options) {
    const events = readCloudEvents(request);
    const topic = sharedType(events.flatMap((event) => (isForAPerson(event) ? [] : event.type)));
    return {
      id: deliveryIdOf(events, ({ source, id }: CloudEvent) => [source, id], request.body),
      ...(topic && { topic }),
      content: contentOf(events, ({ type }: CloudEvent) => type, options),
    };
  },
};

function verify({ headers, url }: WebhookRequest, { keys }: VerificationContext<Options>): boolean {
  const inHeader = isSecret(bearerToken(headers), keys);
  return isSecret(url.searchParams.get('access_token'), keys) || inHeader;
}
