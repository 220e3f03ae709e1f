/** The mapping of a source cannot be used: its file is missing, or it does not compile. The message says where. */
export class MappingUnusable extends Error {
  readonly code = 'mapping-unusable';
}
