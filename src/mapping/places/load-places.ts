/** What `scripts/places.ts` writes; its comment says where it comes from. */
export interface Places {
  /** By alpha-2: the alpha-3 code and the English names. */
  readonly countries: Readonly<Record<string, readonly string[]>>;
  readonly regions: Readonly<Record<string, readonly PlacesRegion[]>>;
  /** Withdrawn codes (`CN-11`), and the own part of what stands for each. */
  readonly oldCodes: Readonly<Record<string, string>>;
}

/** A region: its code, how it is preferred to others of the same name, its names, and further ones that are only tried later. */
export type PlacesRegion = readonly [
  code: string,
  preference: number,
  names: readonly string[],
  otherNames: readonly string[],
];

let places: Promise<Places> | undefined;

/** Read when a mapping first needs it. */
export function loadPlaces(): Promise<Places> {
  // What an import of JSON gives has no tuples; the test of scripts/places.ts holds the file to its schema.
  places ??= import('./places.json', { with: { type: 'json' } }).then(
    (module) => module.default as unknown as Places,
  );
  return places;
}
