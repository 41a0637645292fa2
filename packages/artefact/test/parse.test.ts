import { type Form, parseArtefact } from '@gatehouse/artefact';
import { describe, expect, test } from '@jest/globals';

const keys = { verdict: ['PASS', 'FAIL'] } as const;
const kindOf = (front: string, form: Form = 'canonical', body = '\nverdict: PASS\n'): string =>
  parseArtefact(`---\n${front}\n---${body}`, keys, form).kind;

/** Fronts that must never be read as a verdict, however lenient the reader. */
const never: readonly (readonly [string, string])[] = [
  ['a duplicate key', 'verdict: PASS\nverdict: FAIL'],
  ['a duplicate key in another style', 'verdict: PASS\n"verdict": FAIL'],
  ['two documents', 'verdict: FAIL\n...\nverdict: PASS'],
  ['an alias', 'other: &a PASS\nverdict: *a'],
  ['an anchor', 'verdict: &a PASS'],
  ['a tag', 'verdict: !!str PASS'],
  ['an unknown tag', 'verdict: !run PASS'],
  ['a tag on an ignored key', 'verdict: PASS\nother: !!js/function x'],
  ['a directive', '%YAML 1.1\nverdict: PASS'],
  ['a carriage return', 'verdict: PASS\r'],
  ['a Cyrillic look-alike key', 'verd\u0456ct: PASS'],
  ['a look-alike key beside the real one', 'verdict: PASS\nverd\u0456ct: FAIL'],
  ['a lower-case value', 'verdict: pass'],
  ['a Cyrillic look-alike value', 'verdict: P\u0410SS'],
  ['a value with a zero-width space', 'verdict: PASS\u200b'],
  ['a list', 'verdict: [PASS]'],
  ['a map', 'verdict: {PASS: PASS}'],
  ['no value', 'verdict:'],
  ['another key only', 'status: PASS'],
  ['an upper-case key', 'VERDICT: PASS'],
  ['a merge key', '<<: {verdict: PASS}'],
  ['a complex key', '? [verdict]\n: PASS'],
  ['text instead of a map', 'PASS'],
  ['a list instead of a map', '- verdict: PASS'],
  ['nothing', ''],
  ['a tab as indentation', '\tverdict: PASS'],
  ['a front of more than 8 KiB', `verdict: PASS\n# ${'x'.repeat(8192)}`],
  ['an alias bomb', `a: &a [x]\n${'bcdefgh'.replace(/./g, (c) => `${c}: &${c} [*a,*a]\n`)}verdict: PASS`],
];

describe('a front with', () => {
  test.each(never)('%s is malformed in both forms', (_name, front) => {
    expect(kindOf(front)).toBe('malformed');
    expect(kindOf(front, 'authored')).toBe('malformed');
  });

  test.each([
    ['quotes that were not needed', 'verdict: "PASS"'],
    ['a comment', 'verdict: PASS # approved'],
    ['a second space', 'verdict:  PASS'],
    ['a trailing space', 'verdict: PASS '],
    ['an empty line', 'verdict: PASS\n'],
    ['a flow map', '{verdict: PASS}'],
    ['a block scalar', 'verdict: |-\n  PASS'],
    ['a key that was not asked for', 'verdict: PASS\nauthor: "x"'],
  ])('%s is no canonical document, but a person may write it', (_name, front) => {
    expect(kindOf(front)).toBe('malformed');
    expect(kindOf(front, 'authored')).toBe('read');
  });
});

describe('the fences', () => {
  test.each([
    ['a byte order mark before them', '\ufeff---\nverdict: PASS\n---\n'],
    ['an empty line before them', '\n---\nverdict: PASS\n---\n'],
    ['an engine name after them', '---js\nverdict: PASS\n---\n'],
    ['a space after them', '--- \nverdict: PASS\n---\n'],
    ['carriage returns', '---\r\nverdict: PASS\r\n---\r\n'],
    ['no closing fence', '---\nverdict: PASS\n'],
    ['a longer closing fence', '---\nverdict: PASS\n----\n'],
  ])('with %s make no document in either form', (_name, text) => {
    for (const form of ['canonical', 'authored'] as const)
      expect(parseArtefact(text, keys, form).kind).toBe('malformed');
  });

  test('a closing fence needs its line end only in the canonical form', () => {
    expect(kindOf('verdict: PASS', 'canonical', '')).toBe('malformed');
    expect(kindOf('verdict: PASS', 'authored', '')).toBe('read');
  });

  test('the first closing fence ends the front: the body decides nothing', () => {
    const answer = parseArtefact('---\nverdict: FAIL\n---\n---\nverdict: PASS\n---\n', keys);
    expect(answer).toMatchObject({ front: { verdict: 'FAIL' }, body: '---\nverdict: PASS\n---\n' });
  });

  test('bytes that are not UTF-8 are malformed, over-long encodings included', () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]]) {
      const document = Buffer.concat([Buffer.from('---\nverdict: PASS\n---\n'), Buffer.from(bytes)]);
      expect(parseArtefact(document, keys)).toEqual({ kind: 'malformed', reason: 'not UTF-8' });
    }
  });
});

describe('a machine value', () => {
  const integer = (text: string) => parseArtefact(`---\nn: ${text}\n---\n`, { n: 'integer' }, 'authored').kind;
  test('is an integer only in its single decimal spelling', () => {
    for (const text of ['0', '7', '-7', '9007199254740991']) expect(integer(text)).toBe('read');
    for (const text of ['"7"', '07', '+7', '-0', '1e3', '0x7', '1_0', '7.0', '9007199254740992', '.inf', '٣'])
      expect(integer(text)).toBe('malformed');
  });

  test('is a truth value only as an unquoted true or false', () => {
    for (const text of ['true', 'false'])
      expect(parseArtefact(`---\nok: ${text}\n---\n`, { ok: 'boolean' })).toMatchObject({
        front: { ok: text === 'true' },
      });
    for (const text of ['yes', 'on', 'True', '"true"', '1', '~'])
      expect(parseArtefact(`---\nok: ${text}\n---\n`, { ok: 'boolean' }, 'authored').kind).toBe('malformed');
  });

  test('that is missing, or is another one than was asked for, is named as a key and not in words alone', () => {
    const faultOf = (text: string) => {
      const said = parseArtefact(text, { commit: 'string', n: 'integer' }, 'authored');
      return said.kind === 'malformed' ? [said.missingKey, said.otherwiseKey] : said.kind;
    };
    expect(faultOf('---\ncommit: abc\nn: 7\n---\n')).toBe('read');
    expect(faultOf('---\nn: 7\n---\n')).toEqual(['commit', undefined]);
    expect(faultOf('---\ncommit: abc\n---\n')).toEqual(['n', undefined]);
    expect(faultOf('---\ncommit: abc\nn: seven\n---\n')).toEqual([undefined, 'n']);
    expect(faultOf('---\ncommit: [a]\nn: 7\n---\n')).toEqual([undefined, 'commit']);
    expect(faultOf('commit: abc\n')).toEqual([undefined, undefined]);
  });

  test('under a name of Object.prototype is an ordinary value', () => {
    const answer = parseArtefact('---\nconstructor: word\n---\n', { constructor: 'string' } as never);
    expect(answer).toMatchObject({ kind: 'read', front: { constructor: 'word' } });
    expect(parseArtefact('---\nconstructor: word\n---\n', { verdict: 'string' }, 'authored').kind).toBe('malformed');
  });
});
