/** Whether the caller has this version already. Weak comparison, as RFC 9110, 13.1.2 wants it. */
export function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  const plain = (tag: string) => tag.trim().replace(/^W\//, '');
  const known = ifNoneMatch?.split(',').map(plain) ?? [];
  return known.includes(plain(etag)) || known.includes('*');
}
