import { expect, test } from 'vitest';
import { type ImportOptions, importRows } from '../../scripts/catch-up/import-file.ts';
import type { RelayApi } from '../../scripts/relay-api.ts';
import { emptyReport } from '../../src/catch-up/report.ts';
import { payloadsOf } from '../../src/http/read-requests.ts';

async function* rowsOf(payloads: readonly unknown[]) {
  for (const [index, payload] of payloads.entries())
    yield { row: index + 1, json: JSON.stringify(payload), bytesRead: index + 1 };
}

/** Imports payloads into a relay that reads each call as the real one does. */
async function imported(payloads: readonly unknown[], doneOf = (taken: readonly unknown[]) => taken.length) {
  const taken: unknown[][] = [];
  const stop = new AbortController();
  const api: RelayApi = {
    call: () => Promise.reject(new Error('is not called')),
    async send<Answer>(_method: string, _path: string, text: string) {
      const read = payloadsOf(Buffer.from(text));
      taken.push(read);
      if (taken.length === 10) stop.abort();
      const report = { ...emptyReport, read: read.length };
      return { done: doneOf(read), report, findings: [] } as Answer; // the form of an import's answer
    },
  };
  const options: ImportOptions = {
    source: 'shop',
    readAt: new Date(),
    mode: 'write',
    repair: false,
    before: { rows: 0, bytesRead: 0, report: emptyReport },
    signal: stop.signal,
    onProgress: () => undefined,
    onFinding: () => undefined,
  };
  const progress = await importRows(rowsOf(payloads), api, options);
  return { taken, progress };
}

test.each([[[[{ id: 1 }, { id: 2 }]]], [[[{ id: 1 }], [{ id: 2 }]]], [[{ id: 1 }, [{ id: 2 }], 'text', []]]])(
  'rows that are arrays stay rows, each sent once: %j',
  async (payloads) => {
    const { taken, progress } = await imported(payloads);
    expect(taken).toEqual([payloads]);
    expect(progress).toMatchObject({ rows: payloads.length, report: { read: payloads.length } });
  },
);

test('a relay that says more rows are done than were sent ends the import', async () => {
  await expect(imported([{ id: 1 }], () => 2)).rejects.toThrow('2 of 1 rows');
});
