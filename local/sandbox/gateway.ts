import { type Answer, jsonAnswer } from './answer.ts';

/** An operation that the gateway passes on to the back end. */
export type Operation =
  | { readonly name: 'update-customer' | 'get-customer' | 'get-custom-fields'; readonly customerId: string }
  | { readonly name: 'find-customers'; readonly query: URLSearchParams }
  | { readonly name: 'active-countries' };

/** The operation of a request; undefined: the gateway knows none of that path and method. */
export function operationOf(method: string, url: URL): Operation | undefined {
  const [, customerId, rest] = /^\/v1\/customers\/([^/]+)(\/customFields)?\/?$/i.exec(url.pathname) ?? [];
  if (customerId && method === 'PATCH' && !rest) return { name: 'update-customer', customerId };
  if (customerId && method === 'GET') {
    return { name: rest ? 'get-custom-fields' : 'get-customer', customerId };
  }
  if (method !== 'GET') return undefined;
  if (/^\/v1\/customers\/?$/i.test(url.pathname)) return { name: 'find-customers', query: url.searchParams };
  if (/^\/v1\/address\/active-countries\/?$/i.test(url.pathname)) return { name: 'active-countries' };
  return undefined;
}

/** Azure API Management's answer to a path or method that no API has: 404 for both. */
export const resourceNotFound = gatewayAnswer(404, 'Resource not found');

/**
 * Azure API Management's answer to a request that holds no valid key; undefined: the key is valid.
 * https://learn.microsoft.com/troubleshoot/azure/api-mgmt/availability/unauthorized-errors-invoke-apis
 */
export function keyRefusal(key: string | undefined, validKeys: readonly string[]): Answer | undefined {
  if (!key) {
    return gatewayAnswer(
      401,
      'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.',
    );
  }
  if (validKeys.includes(key)) return undefined;
  return gatewayAnswer(
    401,
    'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
  );
}

function gatewayAnswer(statusCode: number, message: string): Answer {
  return jsonAnswer(statusCode, { statusCode, message });
}
