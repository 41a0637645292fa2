/** The published schema of SARIF 2.1.0, as a package of Microsoft carries it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';

const home = dirname(createRequire(import.meta.url).resolve('@microsoft/jest-sarif'));
const text = readFileSync(join(home, 'schemas/sarif-2.1.0-rtm.5.json'), 'utf8');
// Of draft 4 it uses nothing that later drafts read in another way; only its own name is written differently.
const { $schema: _draft, id: _id, ...schema } = JSON.parse(text) as Readonly<Record<string, unknown>>;
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);

/** What the schema has against a log; empty: nothing. */
export const sarifProblems = (log: unknown): readonly string[] =>
  validate(log) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
