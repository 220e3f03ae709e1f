/** Why a source without that option is never asked. */
export const withoutWebApi = {
  type: 'not-told',
  reason: 'options.webApi is not set: the relay does not know where to ask',
} as const;
