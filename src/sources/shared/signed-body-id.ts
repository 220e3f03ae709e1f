import { hash } from 'node:crypto';
import type { DeliveryContent } from '../kind.ts';

/**
 * The id of a delivery of which only the body is signed. A change is known by the body alone: whatever the headers of a
 * recorded request are altered to, sent again it is a repeat. Of anything else the topic counts too, so that a body under a
 * topic that an attacker chose does not pass the sender's own delivery off as a repeat.
 */
export function signedBodyId(topic: string, content: DeliveryContent, body: Uint8Array): string {
  const bodyHash = hash('sha256', body);
  return content.type === 'changes' ? bodyHash : `${topic.slice(0, 200)}:${bodyHash}`;
}
