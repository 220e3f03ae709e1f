import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

/** GET /api/customers/{customerId}: what is known of a customer, field by field; no values. */
app.http('customer', {
  route: 'customers/{customerId}',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await import('./handlers/customer.ts')).showCustomer(request)),
});

/** GET /api/customers/{customerId}/comparison: does DirectScale hold what the relay wrote last? */
app.http('compareCustomer', {
  route: 'customers/{customerId}/comparison',
  methods: ['GET'],
  authLevel: 'function',
  handler: answering(async (request) => (await import('./handlers/customer.ts')).compareCustomer(request)),
});

/** PATCH /api/customers/{customerId}: one change, answered in the same call, for Logic Apps and scripts. */
app.http('customers', {
  route: 'customers/{customerId}',
  methods: ['PATCH'],
  authLevel: 'function',
  handler: answering(async (request, context) =>
    (await import('./handlers/customers.ts')).patchCustomer(request, context),
  ),
});
