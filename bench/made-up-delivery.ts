import { Webhook } from 'standardwebhooks';
import { localSecret } from '../local/sender.ts';

const webhook = new Webhook(localSecret('in-house-webhook-secret'));

/** Five customers get what would otherwise be spread over thousands. */
export const manyWrites = { CUSTOMER_WRITES_PER_MINUTE: '10000' };

const customerIds = ['10542', '10543', '10544', '10545', '10546'];

/** Posts a signed delivery of one change that nobody made before, and reads the answer. */
export async function postChange(relayUrl: string, index: number): Promise<Response> {
  const body = JSON.stringify({
    customer: { customerId: customerIds[index % customerIds.length] },
    occurredAt: new Date(Date.now() - 3_600_000 + index).toISOString(),
    fields: { FirstName: `Maria ${index}`, PrimaryPhone: '8015550142' },
  });
  const id = `msg_${process.pid}_${index}`;
  const now = new Date();
  const response = await fetch(`${relayUrl}/api/webhooks/in-house`, {
    method: 'POST',
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': webhook.sign(id, now, body),
    },
  });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Error(`the relay answered ${response.status}`);
  return response;
}
