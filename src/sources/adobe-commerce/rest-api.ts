import { randomUUID } from 'node:crypto';
import type { FetchContext, VendorFailure } from '../fetch-context.ts';
import { callVendor, failureOf, type VendorAnswer } from '../shared/call-vendor.ts';
import { callAsProject } from './ims.ts';
import { oauthHeader } from './oauth1.ts';
import type { Options, RestApi } from './options.ts';

/** Reads from the shop's REST API. Rejects only with what reading a secret throws. */
export async function readRest(
  url: URL,
  api: RestApi,
  context: FetchContext<Options>,
): Promise<VendorAnswer | VendorFailure> {
  if (api.authentication === 'ims') return callAsProject(url, context);
  const { secret, timeoutMs } = context;
  const token = await secret(api.tokenSecret);
  const Authorization =
    api.authentication === 'bearer'
      ? `Bearer ${token}`
      : oauthHeader(
          'GET',
          url,
          {
            consumerKey: await secret(api.consumerKeySecret),
            consumerSecret: await secret(api.consumerSecret),
            token,
            tokenSecret: await secret(api.signingSecret),
          },
          {
            method: api.signatureMethod,
            nonce: randomUUID().replaceAll('-', ''),
            timestamp: Math.floor(Date.now() / 1000),
          },
        );
  const answer = await callVendor({ url, headers: { Authorization }, timeoutMs });
  return answer ?? failureOf(answer);
}
