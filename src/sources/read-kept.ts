import type { KeptRequest } from './kept-request.ts';
import type { Delivery, SourceKind } from './kind.ts';

/** More than any sender's name for what happened. */
const longestTopic = 200;
/** Longer reasons are cut. */
const longestReason = 500;

/**
 * What an authentic request says, with texts that fit wherever they are kept, however long the sender's are.
 * Throws {@link MalformedDelivery} for a body that cannot be read.
 */
export function readKept<Options>(
  kind: Pick<SourceKind<Options>, 'read'>,
  request: KeptRequest,
  options: Options,
): Delivery {
  const { id, topic, sentAt, content } = kind.read(request, options);
  return {
    id,
    ...(topic !== undefined && { topic: topic.slice(0, longestTopic) }),
    ...(sentAt && { sentAt }),
    content:
      'reason' in content ? { ...content, reason: bounded(content.reason) } : withBoundedItems(content),
  };
}

function withBoundedItems(content: Delivery['content']): Delivery['content'] {
  if (content.type !== 'items') return content;
  const items = content.items.map((item) =>
    'forAPerson' in item ? { forAPerson: bounded(item.forAPerson) } : item,
  );
  return { type: 'items', items };
}

const bounded = (reason: string): string =>
  reason.length > longestReason ? `${reason.slice(0, longestReason - 1)}…` : reason;
