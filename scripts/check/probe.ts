import { referencesOf } from '../../src/delivery/customer/find-customer.ts';
import type { DirectScale } from '../../src/directscale/client.ts';
import type { CustomerId } from '../../src/domain/customer-id.ts';
import { lookUpNames } from '../../src/domain/customer-reference.ts';

/** Whether something works, in words; undefined: it could not be tried. */
export interface Probed {
  readonly works: boolean | undefined;
  readonly words: string;
}

/**
 * Looks a customer up by each of her references and says whether DirectScale finds her, and only her: the names of some
 * parameters are not documented. Only reads. Rejects with what reading the subscription key throws.
 */
export async function probeLookUps(id: CustomerId, directScale: DirectScale): Promise<Probed[]> {
  const read = await directScale.getCustomer(id);
  if (read.outcome !== 'found') {
    return [{ works: false, words: `customer ${id} cannot be read: ${outcomeText(read)}` }];
  }
  const references = new Map(referencesOf(read.customer).map((reference) => [reference.by, reference]));
  const probed: Probed[] = [{ works: true, words: `customer ${id} can be read` }];
  for (const by of lookUpNames) {
    const reference = references.get(by);
    if (!reference) {
      probed.push({
        works: undefined,
        words: `look-up by ${by}: customer ${id} has none, try another customer`,
      });
      continue;
    }
    const found = await directScale.findCustomers(reference);
    if (found.outcome !== 'found') {
      probed.push({ works: false, words: `look-up by ${by}: ${outcomeText(found)}` });
      continue;
    }
    const ids = new Set(found.customers.map(({ CustomerId }) => CustomerId));
    const works = ids.size === 1 && ids.has(id);
    const words = works
      ? `look-up by ${by}: finds the customer`
      : `look-up by ${by}: finds ${whoWasFound(ids, id)}`;
    probed.push({ works, words });
  }
  return probed;
}

function whoWasFound(ids: ReadonlySet<string>, id: string): string {
  if (ids.size === 0) return 'nobody: the parameter may have another name, see DIRECTSCALE_QUERY_…';
  if (!ids.has(id)) return 'somebody else: the parameter may have another name, see DIRECTSCALE_QUERY_…';
  return `${ids.size} customers: the value is not unique, or the parameter has another name`;
}

function outcomeText(failure: {
  readonly outcome: string;
  readonly reason?: string;
  readonly status?: number;
}): string {
  return [failure.outcome, failure.reason, failure.status].filter((part) => part !== undefined).join(', ');
}
