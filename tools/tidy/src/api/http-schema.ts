/**
 * The types of the HTTP API for clients, made by openapi-typescript from docs/openapi.json. As a program:
 * `npm run --prefix tools/tidy api-schema` writes what a test compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';

const ROOT = join(import.meta.dirname, '../../../..');
/** Where the client in the tests of the service reads them. */
export const SCHEMA_FILE = join(ROOT, 'apps/orchestrator/test/openapi/api-schema.ts');

/** The text of the file. */
export async function httpSchema(): Promise<string> {
  const document = JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8')) as OpenAPI3;
  const types = astToString(await openapiTS(document));
  return `// Made by openapi-typescript from docs/openapi.json: \`npm run --prefix tools/tidy api-schema\`.\n\n${types}`;
}

if (import.meta.main) writeFileSync(SCHEMA_FILE, await httpSchema());
