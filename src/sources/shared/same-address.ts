/** Whether the address that a vendor has of a subscription is this one. */
export function isSameAddress(text: string | null | undefined, url: URL): boolean {
  return typeof text === 'string' && URL.canParse(text) && new URL(text).href === url.href;
}
