/** Why a source without the options of its vendor's API is never asked. */
export const withoutApi = {
  type: 'not-told',
  reason: 'options.api is not set: the relay has no token with which to ask',
} as const;

/** What the vendor answers where it does not look as if it came from it. */
export const otherForm = {
  type: 'not-told',
  reason: 'the answer of the API has another form than its documentation says',
} as const;

/** A filter that is not known to the API, or not any more: nobody is to take all customers for those that changed. */
export const filterIgnored = {
  type: 'not-told',
  reason: 'the API answers with customers outside of what was asked for',
} as const;
