import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf } from '../shared/call-vendor.ts';
import { isFailure, withToken } from '../shared/with-token.ts';
import type { Options } from './options.ts';
import { tokensOf } from './tokens.ts';

export const formattedValue = 'OData.Community.Display.V1.FormattedValue';
export const lookupName = 'Microsoft.Dynamics.CRM.lookuplogicalname';

/** What Dataverse is asked. */
interface Question {
  /** `contacts`, `contacts(<id>)` */
  readonly path: string;
  /** By name, or a whole query that Dataverse itself gave. */
  readonly query: Readonly<Record<string, string>> | string;
  /** Preferences besides that for the names of what lookups refer to. */
  readonly prefer?: string;
  /** Written by PATCH. */
  readonly change?: unknown;
}

type DataverseAnswer =
  | { readonly type: 'answered'; readonly payload: unknown }
  | { readonly type: 'not-there' }
  | VendorFailure;

/** The address of a path of the Web API. Throws where the options have none. */
export function webApiUrl({ webApi }: Options, path: string): URL {
  if (!webApi) throw new TypeError('options.webApi is not set');
  return new URL(`/api/data/v9.2/${path}`, webApi.host);
}

/**
 * One call to the Dataverse Web API. Rejects only with what reading a secret throws.
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview
 */
export async function askDataverse(
  { path, query, prefer, change }: Question,
  context: FetchContext<Options>,
): Promise<DataverseAnswer> {
  const url = webApiUrl(context.options, path);
  if (typeof query === 'string') url.search = query;
  else for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const annotations = `odata.include-annotations="${formattedValue},${lookupName}"`;
  const headers = {
    'OData-MaxVersion': '4.0',
    'OData-Version': '4.0',
    Prefer: [annotations, prefer].filter(Boolean).join(','),
  };
  const { timeoutMs } = context;
  const answer = await withToken(await tokensOf(context), (token) =>
    callVendor({
      url,
      headers: { ...headers, Authorization: `Bearer ${token}` },
      timeoutMs,
      ...(change !== undefined && { method: 'PATCH', body: change }),
    }),
  );
  if (isFailure(answer)) return answer;
  if (answer.status === 200 && answer.payload !== undefined)
    return { type: 'answered', payload: answer.payload };
  if (answer.status === 204) return { type: 'answered', payload: undefined };
  if (answer.status === 404 || answer.status === 410) return { type: 'not-there' };
  return failureOf(answer);
}
