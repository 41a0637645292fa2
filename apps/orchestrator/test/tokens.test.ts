import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allows, identify, loadTokens, recognizer, SCOPES, type TokenRow } from '../src/http/tokens.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex');
const load = (environment: Record<string, string>, dataDir = scratchFolder()) =>
  loadTokens(settingsFrom({ ORCH_DATA_DIR: dataDir, ...environment }));
const rowsOf = async (environment: Record<string, string>): Promise<readonly TokenRow[]> => {
  const loaded = await load(environment);
  if (loaded.kind !== 'tokens') throw new Error(loaded.problem);
  return loaded.rows;
};
const fileWith = (text: string): string => {
  const path = join(scratchFolder(), 'tokens');
  writeFileSync(path, text);
  return path;
};

describe('tokens', () => {
  test('of the setting and of the file count together, and no own one is made then', async () => {
    const file = fileWith(
      `# people\r\nann read ${sha256('a-token-of-ann')}\r\n\nbob operate ${sha256('a-token-of-bob').toUpperCase()}\n`,
    );
    const dataDir = scratchFolder();
    const loaded = await load({ ORCH_API_TOKEN: 'the-admin-of-all-this', ORCH_API_TOKENS_FILE: file }, dataDir);
    if (loaded.kind !== 'tokens') throw new Error(loaded.problem);
    expect(loaded.madeAt).toBeNull();
    const who = (token: string) => identify(loaded.rows, token);
    expect(who('a-token-of-ann')).toMatchObject({ name: 'ann', scope: 'read' });
    expect(who('a-token-of-bob')).toMatchObject({ name: 'bob', scope: 'operate' });
    expect(who('the-admin-of-all-this')).toMatchObject({ scope: 'admin' });
    for (const stranger of ['', 'a-token-of-an', 'a-token-of-ann ', sha256('a-token-of-ann')])
      expect(who(stranger)).toBeNull();
  });

  test('are known over a connection that showed them before as over any other, and nothing else is', async () => {
    const file = fileWith(`ann read ${sha256('a-token-of-ann')}\nbob admin ${sha256('a-token-of-bob')}\n`);
    const recognize = recognizer(await rowsOf({ ORCH_API_TOKENS_FILE: file }));
    const [one, other] = [{}, {}];
    const shown = [
      'a-token-of-ann',
      'a-token-of-ann',
      'a-token-of-anm',
      'a-token-of-ann',
      'a-token-of-bob',
      'a-token-of-an',
      '',
    ];
    const known = ['ann', 'ann', undefined, 'ann', 'bob', undefined, undefined];
    expect(shown.map((token) => recognize(token, one)?.name)).toEqual(known);
    expect(recognize('a-token-of-anm', other)).toBeNull();
    expect(shown.map((token) => recognize(token)?.name)).toEqual(known);
    expect(recognize('a-token-of-bob', one)?.scope).toBe('admin');
  });

  test('are kept as digests only', async () => {
    const rows = await rowsOf({ ORCH_API_TOKEN: 'the-admin-of-all-this' });
    expect(JSON.stringify(rows)).not.toContain('the-admin');
    expect(rows[0]?.sha256.toString('hex')).toBe(sha256('the-admin-of-all-this'));
  });

  test('of one scope allow that scope and what is below it', () => {
    expect(SCOPES.map((held) => SCOPES.filter((needed) => allows(held, needed)))).toEqual([
      ['read'],
      ['read', 'operate'],
      ['read', 'operate', 'admin'],
    ]);
  });

  test('a row that says more, less or something else is refused with its line', async () => {
    for (const line of [
      'ann read',
      `ann owner ${sha256('x')}`,
      `ann read ${sha256('x')} more`,
      `ann read ${'z'.repeat(64)}`,
      'ann',
    ])
      expect(await load({ ORCH_API_TOKENS_FILE: fileWith(`# people\n${line}\n`) })).toMatchObject({
        kind: 'invalid',
        problem: expect.stringContaining(':2: expected `name scope sha256`'),
      });
  });

  test('whatever a tokens file holds, the answer is a value and no unlisted token is known', async () => {
    const path = join(scratchFolder(), 'tokens');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        writeFileSync(path, text);
        const loaded = await load({ ORCH_API_TOKENS_FILE: path });
        return loaded.kind === 'invalid' || identify(loaded.rows, 'a-token-nobody-listed') === null;
      }),
      { numRuns: 50 },
    );
  });

  test('an own token that cannot be kept is a problem, never a token that cannot be read', async () => {
    const dataDir = scratchFolder();
    mkdirSync(join(dataDir, 'api-token'));
    expect(await load({}, dataDir)).toMatchObject({ kind: 'invalid', problem: expect.stringContaining('api-token') });
  });

  test('an own token is read again, with or without its last newline', async () => {
    const dataDir = scratchFolder();
    await load({}, dataDir);
    const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
    writeFileSync(join(dataDir, 'api-token'), token);
    const again = await load({}, dataDir);
    expect(again).toMatchObject({ kind: 'tokens', madeAt: join(dataDir, 'api-token') });
    expect(again.kind === 'tokens' && identify(again.rows, token)?.scope).toBe('admin');
  });
});
