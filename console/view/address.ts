import { useEffect, useState } from 'preact/hooks';

/**
 * Where in the console: `#/deliveries/<id>?status=parked`. It stands behind the `#`, which a browser keeps to itself: what
 * somebody looks at is in no log of a server, and the same file answers for each view.
 */
export interface Address {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** Reads a hash; what cannot be decoded counts as it stands. */
export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s);
  return {
    path: path.split('/').filter(Boolean).map(decoded),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** The hash of a place; empty values of the query are left away. */
export function hashOf(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const search = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search && `?${search}`}`;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The place that is shown, as it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(() => readAddress(location.hash));
  useEffect(() => {
    const read = () => setAddress(readAddress(location.hash));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return address;
}

/** Goes somewhere else; `back` leads to where this was. */
export function go(hash: string): void {
  location.hash = hash;
}

/** The same view with another query: no step of its own for `back`. */
export function refine(path: readonly string[], query: Readonly<Record<string, string | undefined>>): void {
  const hash = hashOf(path, query);
  if (hash === location.hash) return;
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}
