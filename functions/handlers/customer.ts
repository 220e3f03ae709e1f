import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { reportCustomer } from '../../src/delivery/operate/customer-report.ts';
import { addressedReferenceSchema } from '../../src/domain/customer-reference.ts';
import { linkPageReport } from '../../src/http/link-report.ts';
import { noteAct } from '../../src/http/operator.ts';
import { json } from '../../src/http/problem.ts';
import { notAppliedProblem } from '../../src/http/reports.ts';
import { validated } from '../../src/http/validated.ts';
import { getRelay } from '../../src/relay.ts';

export async function showCustomer(request: HttpRequest): Promise<HttpResponseInit> {
  const customerId = customerIdOf(request);
  const tables = await (await getRelay()).tables();
  const { links, ...report } = await reportCustomer(customerId, tables, new Date());
  return json(200, { ...report, links: linkPageReport(links).links });
}

export async function compareCustomer(request: HttpRequest): Promise<HttpResponseInit> {
  const customerId = customerIdOf(request);
  const withValues = request.query.get('values') === 'true';
  const { stores, now, compareWritten } = await (await getRelay()).delivery();
  if (withValues) await noteAct(request, 'show-values', `customer ${customerId}`, stores.acts);
  const compared = await compareWritten(customerId);
  if ('follows' in compared) {
    // Nothing is ever done by a comparison.
    if (compared.follows === 'done') throw new Error('a comparison came to an end of its own');
    return notAppliedProblem(compared, {});
  }
  const fields = compared.fields.map(({ path, result, held }) => ({
    path,
    result,
    ...(withValues && held !== undefined && { value: held }),
  }));
  return json(200, { customerId, readAt: now().toISOString(), fields });
}

/** Throws a 422 problem for what is no id. */
function customerIdOf({ params }: HttpRequest): string {
  return validated(addressedReferenceSchema, { customerId: params.customerId }).customerId;
}
