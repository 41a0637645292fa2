/** The types that a client of the HTTP API is checked with are those of its document. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { httpSchema, SCHEMA_FILE } from '../src/api/http-schema.ts';

test('the client in the tests of the service is made from docs/openapi.json', async () => {
  expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(await httpSchema());
});
