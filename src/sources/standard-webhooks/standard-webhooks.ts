import * as z from 'zod';
import type { DeliveryContent, SourceKind } from '../kind.ts';
import { contentOf, eventTypeOptions } from '../shared/event-types.ts';
import { parseJson } from '../shared/json-body.ts';
import {
  standardHeader,
  standardIdHeader,
  verifyStandardWebhook,
} from '../shared/standard-webhooks-scheme.ts';

const optionsSchema = z.strictObject(eventTypeOptions);

const typed = z.looseObject({ type: z.string() });

/**
 * Any sender of the Standard Webhooks scheme (Svix among them), with a mapping of its own. `type` in the body names
 * the event, as the specification recommends.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const standardWebhooks: SourceKind<z.infer<typeof optionsSchema>> = {
  name: 'standard-webhooks',
  options: optionsSchema,
  trusted: false,
  headersRead: standardIdHeader,

  secretForm: () => 'standard-webhooks',
  signsTime: () => true,

  verify({ headers, body }, { keys, now }) {
    return verifyStandardWebhook(headers, body, keys, now);
  },

  read({ headers, body }, options) {
    const payload = parseJson(body);
    const type = typed.safeParse(payload).data?.type;
    return {
      // Signed, and the same on every attempt.
      id: standardHeader(headers, 'id') ?? '',
      ...(type && { topic: type }),
      content: unwrapped(contentOf([{ payload }], () => type ?? '', options)),
    };
  },
};

/** One webhook holds one event: the mapping gets it as it was sent. */
function unwrapped(content: DeliveryContent): DeliveryContent {
  if (content.type !== 'changes') return content;
  const [event] = content.payload as readonly { payload: unknown }[]; // what contentOf was given
  return { type: 'changes', payload: event?.payload };
}
