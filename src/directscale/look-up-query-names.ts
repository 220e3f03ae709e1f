import type { Settings } from '../config/settings.ts';
import type { LookUpName } from '../domain/customer-reference.ts';

/**
 * The query's name for each kind of look-up. Those of the back office id and the e-mail address are known from public
 * code (block-ops/directscale-sdk-php), the others only from the list of parameters: they are settings.
 */
export function lookUpQueryNames(settings: Settings): Readonly<Record<LookUpName, string>> {
  return {
    backOfficeId: 'backofficeid',
    emailAddress: 'email',
    externalReferenceId: settings.DIRECTSCALE_QUERY_EXTERNAL_REFERENCE_ID,
    username: settings.DIRECTSCALE_QUERY_USERNAME,
    webAlias: settings.DIRECTSCALE_QUERY_WEB_ALIAS,
  };
}
