import { app } from '@azure/functions';
import { answering } from '../src/http/answering.ts';

/** PATCH /api/customers/{customerId}: one change, answered in the same call, for Logic Apps and scripts. */
app.http('customers', {
  route: 'customers/{customerId}',
  methods: ['PATCH'],
  authLevel: 'function',
  handler: answering(async (request, context) =>
    (await import('./handlers/customers.ts')).patchCustomer(request, context),
  ),
});
