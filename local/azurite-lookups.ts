/**
 * Loaded into Azurite before its own code (`node --import`). Azurite finds a row by its row key alone and goes through all
 * that have the same one. Every customer has a row `state`: with 100,000 of them that takes 13 ms, three times a change. From
 * here on it begins with whichever of the two keys fewer rows have; what it finds is the same.
 */
import { createRequire } from 'node:module';

type Key = 'PartitionKey' | 'RowKey';

/** What is used here of LokiJS, in which Azurite keeps its tables. */
interface Collection {
  findOne(this: Collection, query: object): object | null;
  ensureIndex(key: Key): void;
  /** The first and the last place in the index; [0, -1] if no row has the value. */
  calculateRange(operator: '$eq', key: Key, value: unknown): readonly [number, number];
}

const azurite = createRequire(createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js'));
// LokiJS has no types of its own; this is what version 1.5 exports.
const { prototype } = (azurite('lokijs') as { readonly Collection: { readonly prototype: Collection } })
  .Collection;

const { findOne } = prototype;
prototype.findOne = function (query) {
  if (!('PartitionKey' in query && 'RowKey' in query)) return findOne.call(this, query);
  const { PartitionKey, RowKey, ...rest } = query;
  const isFew = rowsWith(this, 'PartitionKey', PartitionKey) < rowsWith(this, 'RowKey', RowKey);
  const keys = isFew ? { PartitionKey, RowKey } : { RowKey, PartitionKey };
  return findOne.call(this, { ...keys, ...rest });
};

function rowsWith(collection: Collection, key: Key, value: unknown): number {
  collection.ensureIndex(key);
  const [first, last] = collection.calculateRange('$eq', key, value);
  return last - first + 1;
}
