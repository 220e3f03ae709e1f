/** The pages that the menu lists, and the key that follows `g`. */
export const places = [
  { name: 'Now', path: 'now', key: 'n' },
  { name: 'Issues', path: 'issues', key: 'i' },
  { name: 'Deliveries', path: 'deliveries', key: 'd' },
  { name: 'Customers', path: 'customers', key: 'c' },
  { name: 'Sources', path: 'sources', key: 's' },
  { name: 'Links', path: 'links', key: 'l' },
  { name: 'Mapping', path: 'mapping', key: 'm' },
  { name: 'Acts', path: 'acts', key: 'a' },
].map((place) => ({ ...place, hash: `#/${place.path}` }));
