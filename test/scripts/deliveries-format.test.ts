import { expect, test } from 'vitest';
import { changeTable } from '../../scripts/deliveries/format.ts';
import { emptyRecord } from '../../src/delivery/record/record.ts';
import { listedChange } from '../../src/http/reports.ts';

test.each([
  ['applied', 'FirstName'],
  ['stale', 'FirstName, LastName'],
] as const)('the list shows of a change that is %s the fields %s', (status, fields) => {
  const record = emptyRecord({ deliveryId: '20261123-090000000-aaaaaaaaaaaaaaaa', index: 0, source: 'shop' });
  const change = { ...record, status, fields: ['FirstName', 'LastName'], dropped: ['LastName'] };
  expect(changeTable([listedChange(change)]).trimEnd()).toMatch(new RegExp(` ${fields}$`));
});
