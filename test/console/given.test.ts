import { expect, test } from 'vitest';
import { draftOf, headersOf, nothingGiven } from '../../console/pages/mapping/given.ts';

const recorded = { deliveryId: '20261123-170631123-3fa9c2d17b5e4a06', text: '{"id":1}' };

test('a recorded payload is tried as it came, as long as nobody changed it', () => {
  const given = { ...nothingGiven, text: recorded.text, recorded, headers: 'X-Topic: a' };
  expect(draftOf(given, undefined)).toEqual({ deliveryId: recorded.deliveryId });
  expect(draftOf({ ...given, text: '{"id":2}' }, '{}')).toEqual({
    payload: { id: 2 },
    headers: { 'X-Topic': 'a' },
    mapping: '{}',
  });
});

test('what is not JSON goes as it stands', () => {
  expect(draftOf({ ...nothingGiven, text: '<customer/>' }, undefined)).toEqual({ body: '<customer/>' });
});

test('a record of the API is said to be one', () => {
  expect(draftOf({ ...nothingGiven, text: '[]', isRecord: true }, undefined)).toEqual({
    payload: [],
    record: true,
  });
});

test('headers, one a line', () => {
  expect(headersOf(' X-Topic : customers/update \n\nnone\nX-Id: a:b')).toEqual({
    'X-Topic': 'customers/update',
    'X-Id': 'a:b',
  });
});
