import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elementsOf } from '../../scripts/catch-up/json-array.ts';
import { rowsOf } from '../../scripts/catch-up/rows.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function payloadsOf(name: string, content: string | Uint8Array): Promise<unknown[]> {
  const path = join(folder, name);
  await writeFile(path, content);
  const payloads: unknown[] = [];
  for await (const { json } of rowsOf(path)) payloads.push(JSON.parse(json));
  return payloads;
}

describe('a file gives payloads', () => {
  test('CSV: quotes, line breaks and commas in a cell, a byte order mark, columns that make objects', async () => {
    const csv =
      '\uFEFFid,name,address.city,address.zip\r\n1,"Berg, Ida","New\nYork",01234\r\n\r\n2,"O""Neil",,\r\n';
    expect(await payloadsOf('people.csv', csv)).toEqual([
      { id: '1', name: 'Berg, Ida', address: { city: 'New\nYork', zip: '01234' } },
      { id: '2', name: 'O"Neil', address: { city: '', zip: '' } },
    ]);
  });

  test('JSON Lines, with or without a last line end', async () => {
    expect(await payloadsOf('people.jsonl', '\uFEFF{"id":1}\r\n\n{"id":2}')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('a JSON array, pretty or not', async () => {
    const people = [{ id: 1, name: 'a, ] } "b"' }, [], 'text', 7];
    expect(await payloadsOf('people.json', JSON.stringify(people, null, 2))).toEqual(people);
    expect(await payloadsOf('nobody.json', ' [ ] ')).toEqual([]);
  });

  test('no digit of a long number is lost', async () => {
    const path = join(folder, 'long.json');
    await writeFile(path, '[{"id":12345678901234567890}]');
    for await (const { json } of rowsOf(path)) expect(json).toBe('{"id":12345678901234567890}');
  });

  test.each([
    ['short.csv', 'id,name\n1,Ida\n2\n', 'line 3'],
    ['open.csv', 'id,name\n1,"Ida\n', 'line 2'],
    ['twice.csv', 'id,id\n1,2\n', 'names id twice'],
    ['wrong.jsonl', '{"id":1}\n{"id":\n', 'row 2'],
    ['broken.json', '[{"id":1},{"id":2', 'breaks off'],
    ['object.json', '{"id":1}', 'no JSON array'],
    ['more.json', '[1] [2]', 'no JSON array'],
    ['empty.json', '[1,,2]', 'row 2'],
    ['people.xlsx', '', 'must end in'],
    [
      'latin.csv',
      Buffer.from('id,name\n1,Ida\n2,M\xFCller\n', 'latin1'),
      'row 2 cannot be read: it is not UTF-8',
    ],
    ['header.csv', Buffer.from('id,stra\xDFe\n1,A\n', 'latin1'), 'UTF-8'],
    [
      'latin.jsonl',
      Buffer.from('{"id":1}\n{"name":"M\xFCller"}\n', 'latin1'),
      'row 2 cannot be read: it is not UTF-8',
    ],
    [
      'latin.json',
      Buffer.from('[{"id":1},{"name":"M\xFCller"}]', 'latin1'),
      'row 2 cannot be read: it is not UTF-8',
    ],
  ])('%s: what is wrong is said', async (name, content, words) => {
    await expect(payloadsOf(name, content)).rejects.toThrow(words);
  });
});

test('the elements of any array come out as they went in, however the text is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.json()), fc.array(fc.nat(50), { minLength: 1 }), async (elements, cuts) => {
      const whole = `[${elements.join(' ,\n')}]`;
      async function* chunks() {
        for (let at = 0, cut = 0; at < whole.length; cut++) {
          const size = (cuts[cut % cuts.length] ?? 0) + 1;
          yield whole.slice(at, at + size);
          at += size;
        }
      }
      const found: unknown[] = [];
      for await (const element of elementsOf(chunks())) found.push(JSON.parse(element));
      expect(found).toEqual(elements.map((element) => JSON.parse(element)));
    }),
  );
});
