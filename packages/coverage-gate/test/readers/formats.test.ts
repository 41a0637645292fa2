/** Every other format: a small report as its tool writes it, what is detected, and what is refused. */
import { readReport } from '@gatehouse/coverage-gate';
import { describe, expect, test } from '@jest/globals';
import { CHUNK_BYTES } from '../../src/read-report.ts';
import { HEAD_BYTES } from '../../src/readers/detect-format.ts';
import { filesOf, read } from './lines-of.ts';

describe('Cobertura', () => {
  const report = (body: string, open = ''): string =>
    `<?xml version="1.0" ?>\n${open}<coverage version="7.2" line-rate="1">\n<sources><source>/w</source></sources><packages><package name="p"><classes>${body}</classes></package></packages>\n</coverage>\n`;
  const dtd = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">\n';

  test('classes of one file are one union, attributes come in any order and either quote', async () => {
    const text = report(
      `<class name="List&lt;T>" filename='src/a&amp;b.py' line-rate="1"><methods/>
       <lines><line hits='3' number='1'/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/><line number = "3" hits = "1"></line></lines></class>
       <class filename="src/a&amp;b.py"><lines><line number="2" hits="1"/><line number="9" hits="0"/></lines></class>`,
      dtd,
    );
    expect(await filesOf(text)).toEqual({ 'src/a&b.py': '1,2,3 of 1,2,3,9' });
  });

  test('lines of methods repeat or name heads: only those of the class count', async () => {
    const text = report(
      `<class filename="a.js"><methods><method name="f"><lines><line number="1" hits="1"/></lines></method><method name="g"><lines><line number="2" hits="7"><conditions><condition number="0" coverage="50%"/></conditions></line></lines></method></methods>
       <lines><line number="2" hits="7"><conditions><condition number="0" coverage="50%"/></conditions></line><line number="3" hits="0"/></lines></class>
       <class filename="b.js"><methods><method name="empty"><lines><line number="1" hits="0"/></lines></method></methods><lines/></class>`,
    );
    expect(await filesOf(text)).toEqual({ 'a.js': '2 of 2,3', 'b.js': ' of ' });
    expect(await read(text)).toMatchObject({ rejected: 0 });
  });

  test('negative and malformed hits are uncovered lines', async () => {
    const text = report(
      '<class filename="a"><line number="1" hits="-5"/><line number="2" hits="x"/><line number="3" hits=""/><line number="4" hits="7"/></class>',
    );
    expect(await filesOf(text)).toEqual({ a: '4 of 1,2,3,4' });
    expect(await read(text)).toMatchObject({ covered: 1, total: 4, malformed: 3 });
  });

  test('a count with a fraction is a number, whatever the tags before it were', async () => {
    const hits = ['1.5', '0.5', '0.0', '0.0', '2.0', '0.25', '1.x', '.5'];
    const lines = hits.map((count, at) => `\n  <line number="${at + 1}" hits="${count}"/>`);
    const text = report(`<class filename="a">${lines.join('')}</class>`);
    expect(await filesOf(text)).toEqual({ a: '1,2,5,6 of 1,2,3,4,5,6,7,8' });
    expect(await read(text)).toMatchObject({ malformed: 2 });
  });

  test('a count with an exponent is a number, as it is in LCOV', async () => {
    const hits = ['1e6', '1.5E+3', '0.0e9', '0e5', '2.5e-1', '1e', '1e+', '1e6x'];
    const lines = hits.map((count, at) => `\n  <line number="${at + 1}" hits="${count}"/>`);
    const text = report(`<class filename="a">${lines.join('')}</class>`);
    expect(await filesOf(text)).toEqual({ a: '1,2,5 of 1,2,3,4,5,6,7,8' });
    expect(await read(text)).toMatchObject({ malformed: 3 });
  });

  test.each([
    ['ISO-8859-1', 'caf\u00e9/stra\u00dfe.c', Buffer.from('caf\u00e9/stra\u00dfe.c', 'latin1')],
    ['windows-1251', '\u043f\u0443\u0442\u044c.c', Buffer.of(0xef, 0xf3, 0xf2, 0xfc, 0x2e, 0x63)],
    ['GBK', '\u8def.c', Buffer.of(0xc2, 0xb7, 0x2e, 0x63)],
    ['utf-8', 'caf\u00e9.c', Buffer.from('caf\u00e9.c')],
    ['UTF-16', 'caf\u00e9.c', Buffer.from('caf\u00e9.c')],
    ['us-ascii', 'caf\u00e9.c', Buffer.from('caf\u00e9.c')],
    ['no-such-encoding', 'caf\u00e9.c', Buffer.from('caf\u00e9.c')],
  ])('names of a report that says it is in %s are read so', async (encoding, name, written) => {
    const head = `<?xml version="1.0" encoding='${encoding}'?><coverage line-rate="1"><sources><source>`;
    const bytes = Buffer.concat([
      ...[Buffer.from(head), written, Buffer.from('</source></sources><class filename="'), written],
      Buffer.from('"><line number="1" hits="1"/></class></coverage>'),
    ]);
    const read = await readReport({ bytes, name: 'report' });
    if (read.kind !== 'read') throw new Error(JSON.stringify(read));
    expect([[...read.files.keys()], read.sources]).toEqual([[name], [name]]);
  });

  test('a line in a comment or in CDATA is no line', async () => {
    const text = report(
      '<class filename="a"><!-- <line number="1" hits="1"/> --><![CDATA[<line number="2" hits="1"/>]]><line number="3" hits="1"/></class>',
    );
    expect(await filesOf(text)).toEqual({ a: '3 of 3' });
  });

  test('an internal document type subset is refused, whatever it declares', async () => {
    const bomb = '<!DOCTYPE coverage [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n';
    expect(await read(report('<class filename="a"/>', bomb))).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('internal subset'),
    });
  });

  test('a report cut short is truncated', async () => {
    const text = report('<class filename="a"><line number="1" hits="1"/></class>');
    expect(await read(text)).toMatchObject({ truncated: false });
    expect(await read(text.slice(0, -15))).toMatchObject({ truncated: true });
  });

  test('tags cut by a chunk border count once', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `<line number="${i + 1}" hits="${i % 2}" note="a>b"/>`).join(
      '\n',
    );
    const text = report(`<class name="x" filename="a">${lines}</class>`);
    expect(text.length).toBeGreaterThan(2 ** 21);
    expect(await read(text)).toMatchObject({ covered: 30_000, total: 60_000, rejected: 0, truncated: false });
  });

  test('markup of every kind may be cut by the border of the first 64 KiB', async () => {
    const markup = '<!-- > --><![CDATA[ <line> ]]><?x > ?></class ><class filename="b"><line number="2" hits="0">';
    const [before, behind] = report('<class filename="a">|</line></class>').split('|') as [string, string];
    for (let cut = 0; cut <= markup.length; cut++) {
      const text = `${before}${' '.repeat(2 ** 16 - before.length - cut)}${markup}${behind}`;
      expect({ cut, files: await filesOf(text) }).toEqual({ cut, files: { a: ' of ', b: ' of 2' } });
    }
  });

  test('an empty report measures nothing', async () => {
    expect(await read('<coverage line-rate="1"><packages/></coverage>')).toMatchObject({
      kind: 'read',
      total: 0,
      truncated: false,
    });
    expect(await read('<coverage line-rate="1"/>')).toMatchObject({ kind: 'read', total: 0, truncated: false });
  });
});

describe('coverage.py JSON', () => {
  const text = (files: string): string =>
    `{"meta": {"format": 3, "version": "7.6.1", "branch_coverage": true}, "files": {${files}}, "totals": {"percent_covered": 90.9}}`;
  const file =
    '"src/a.py": {"executed_lines": [1, 2, 9], "summary": {"percent_covered": 90.9}, "missing_lines": [4], "excluded_lines": [7], "functions": {"f": {"executed_lines": [100], "missing_lines": [101]}}}';

  test('executed and missing lines count, repetitions and percentages do not', async () => {
    expect(await read(text(file))).toMatchObject({ format: 'coverage-py', covered: 3, total: 4 });
    expect(await filesOf(text(file))).toEqual({ 'src/a.py': '1,2,9 of 1,2,4,9' });
  });

  test('seven of seven lines are all lines, whatever branches make of the percentage', async () => {
    expect(await read(text('"a.py": {"executed_lines": [1,2,3,4,5,6,7], "missing_lines": []}'))).toMatchObject({
      covered: 7,
      total: 7,
    });
  });

  test('escaped names are decoded', async () => {
    expect(await filesOf(text('"s\\u00e4\\"b\\\\c\\n.py": {"executed_lines": [1], "missing_lines": []}'))).toEqual({
      'sä"b\\c\n.py': '1 of 1',
    });
  });

  test.each([
    ['cut in a list', text(file).slice(0, 110)],
    ['cut in a string', text(file).slice(0, 75)],
    ['cut before the last brace', text(file).slice(0, -1)],
    ['a text where lines belong', text('"a": {"executed_lines": ["1"], "missing_lines": []}')],
    ['an object where lines belong', text('"a": {"executed_lines": {}, "missing_lines": []}')],
    ['two documents', `${text(file)}{}`],
    ['a list closed as an object', text('"a": {"x": [1, 2}, "executed_lines": [1], "missing_lines": []}')],
    ['an object closed as a list', text('"a": {"x": [{"y": 1]], "executed_lines": [1], "missing_lines": []}')],
    ['deep nesting', text(`"a": {"x": ${'['.repeat(100)}${']'.repeat(100)}}`)],
  ])('%s is unreadable', async (_, broken) => {
    expect(await read(broken)).toMatchObject({ kind: 'unreadable' });
  });

  test('fractions and negative numbers are no lines', async () => {
    expect(await read(text('"a": {"executed_lines": [1.5], "missing_lines": []}'))).toMatchObject({
      kind: 'unreadable',
    });
    expect(await read(text('"a": {"executed_lines": [-1], "missing_lines": []}'))).toMatchObject({
      kind: 'unreadable',
    });
  });
});

describe('Go coverprofile', () => {
  test('a block listed three times counts once, its lines covered when any run covered it', async () => {
    const text =
      'mode: atomic\nex.org/m/a.go:3.14,5.2 2 0\nex.org/m/a.go:3.14,5.2 2 0\nmode: atomic\nex.org/m/a.go:3.14,5.2 2 1\nex.org/m/b.go:1.1,1.9 1 0\n';
    expect(await filesOf(text)).toEqual({ 'ex.org/m/a.go': '3,4,5 of 3,4,5', 'ex.org/m/b.go': ' of 1' });
  });

  test('a block whose count is no number is there, and did not run', async () => {
    const text = `mode: count\na.go:1.1,1.9 1 -1\na.go:2.1,2.9 1 1e3\na.go:3.1,3.9 1 x\na.go:4.1,4.9 1 ${'9'.repeat(40)}\n`;
    expect(await filesOf(text)).toEqual({ 'a.go': '4 of 1,2,3,4' });
    expect(await read(text)).toMatchObject({ rejected: 0, malformed: 3 });
  });

  test('a path may look like a block', async () => {
    const text = 'mode: set\na.go:1.1,1.9 1 1\na.go:1.1,1.9 1 b:2.1,2.9 1 1\n';
    expect(await filesOf(text)).toEqual({ 'a.go': '1 of 1', 'a.go:1.1,1.9 1 b': '2 of 2' });
  });

  test('impossible blocks are rejected and cost nothing', async () => {
    const text = 'mode: set\na.go:5.1,3.2 1 1\na.go:1.1,900000000.1 1 1\na.go:0.1,2.2 1 1\nnonsense\na.go:7.1,7.5 1 1';
    expect(await read(text)).toMatchObject({ covered: 1, total: 1, rejected: 4 });
  });
});

describe('istanbul coverage-final.json', () => {
  const place = (line: number): string => `{"start":{"line":${line},"column":0},"end":{"line":${line + 3},"column":9}}`;
  test('a line is covered when any statement starting there ran; counts may come before the map', async () => {
    const text = `{"/w/a.ts":{"path":"/w/a.ts","s":{"0":0,"1":3,"2":0,"3":-1},"statementMap":{"0":${place(1)},"1":${place(1)},"2":${place(4)},"3":${place(9)}},"fnMap":{},"b":{}},
      "/w/b.ts":{"data":{"statementMap":{"0":${place(2)}},"s":{"0":1}}}}`;
    expect(await read(text)).toMatchObject({ format: 'istanbul', malformed: 1 });
    expect(await filesOf(text)).toEqual({ '/w/a.ts': '1 of 1,4,9', '/w/b.ts': '2 of 2' });
  });

  test('an empty map measures nothing', async () => {
    expect(await read('{}')).toMatchObject({ kind: 'read', format: 'istanbul', total: 0 });
  });
});

describe('XML that is not well-formed is unreadable', () => {
  const line = '<line number="1" hits="1"/>';
  const inClass = (body: string): string => `<coverage line-rate="1"><class filename="a">${body}</class></coverage>`;
  test.each([
    [
      'an end tag that closes another element',
      inClass(`<lines>${line}</methods>`),
      'byte 80: </methods> stands where </lines>',
    ],
    ['a line closed by another name', inClass('<line number="1" hits="1"></lines>'), '</lines> stands where </line>'],
    ['an end tag too many', `${inClass(line)}</coverage>`, '</coverage> closes nothing'],
    ['a second report behind the first', `${inClass(line)}\n${inClass(line)}`, 'a second document'],
    ['text behind the root', `${inClass(line)}\ndone`, 'text outside the root'],
    ['CDATA behind the root', `${inClass(line)}<![CDATA[x]]>`, 'text outside the root'],
    ['a document type inside the root', inClass(`<!DOCTYPE coverage>${line}`), 'a declaration inside the root'],
    ['a count without quotes', inClass('<line number="1" hits=1/>'), 'no quoted value'],
    ['a count given twice', inClass('<line number="1" hits="0" hits="1"/>'), 'twice'],
    ['a line number given twice', inClass('<line number="1" number="2" hits="0"/>'), 'twice'],
    ['a file named twice', '<coverage line-rate="1"><class filename="a" filename="b"/></coverage>', 'no attribute'],
    ['an attribute without a value', '<coverage line-rate="1"><class filename/></coverage>', 'no attribute'],
    [
      'an end tag with attributes',
      '<coverage line-rate="1"><class filename="a"></class x="1"></coverage>',
      'more than a name',
    ],
    ['a tag without a name', inClass('<>'), 'no name'],
    ['deep nesting', inClass(`${'<a>'.repeat(64)}${'</a>'.repeat(64)}`), 'nests deeper'],
    ['an end tag whose name is a message', inClass('</clas\u202es>'), 'an end tag stands where </class>'],
  ])('%s', async (_, text, reason) => {
    expect(await read(text)).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(reason) });
  });

  test('a file is named by its own attribute, not by text that looks like one', async () => {
    const text = `<coverage line-rate="1"><class name="f(x, filename='b')" filename="a">${line}</class></coverage>`;
    expect(await filesOf(text)).toEqual({ a: '1 of 1' });
  });

  test('quotes in a processing instruction and blanks around the root are no fault', async () => {
    const text = `\n<?xml version="1.0"?><?note it's?>\n<coverage line-rate="1"><class filename="a"\n>${line}</class\n></coverage>\n<!-- it's -->\n`;
    expect(await read(text)).toMatchObject({ kind: 'read', covered: 1, total: 1, truncated: false });
  });
});

test.each([
  ['nothing', ''],
  ['prose', 'All files | 100 | 100'],
  ['a web page', '<!DOCTYPE html><html><body>coverage</body></html>'],
  ['a JSON list', '[1,2,3]'],
  ['an archive', 'PK\u0003\u0004lcov'],
])('%s is no report', async (_, text) => {
  expect(await read(text)).toMatchObject({ kind: 'unreadable' });
});

describe('what a report says about its names', () => {
  const cobertura = (padding: string): string =>
    `<?xml version="1.0"?><coverage><!--${padding}--><sources><source>/a &amp; b/src</source><source/><source\n> lib </source><source><!-- built > there --><![CDATA[/x &amp; <y>]]>/z</source></sources>` +
    '<packages><package><classes><class filename="x.py"><lines><line number="1" hits="1"/></lines></class></classes></package></packages></coverage>';

  test('are the sources of Cobertura, wherever a chunk ends', async () => {
    for (let less = 0; less < 220; less += 7) {
      const report = await read(cobertura(' '.repeat(HEAD_BYTES + CHUNK_BYTES - less)));
      expect(report).toMatchObject({
        kind: 'read',
        sources: ['/a & b/src', 'lib', '/x &amp; <y>/z'],
        covered: 1,
        total: 1,
      });
    }
  });

  test('and the groups of JaCoCo, also of a file that needs none for its name', async () => {
    const file = '<package name="org"><sourcefile name="A.java"><line nr="1" ci="1"/></sourcefile></package>';
    const report = await read(`<?xml version="1.0"?><report name="r"><group name="m">${file}</group></report>`);
    expect(report).toMatchObject({
      kind: 'read',
      title: 'r',
      sources: [],
      modules: new Map([['org/A.java', { modules: ['m'], plain: 'org/A.java' }]]),
    });
  });
});

test.each([
  ['blanks alone', '\n \n', 'it is empty'],
  ['gzip', '\x1f\x8b\x08\0', 'gzip'],
  ['zip', 'PK\x03\x04', 'zip'],
  ['what PowerShell redirects', '\xff\xfeS\0F\0:\0', 'UTF-16'],
  ['a page for people', '<!DOCTYPE html>\n<html lang="en">', 'web page'],
  ['a page without a doctype', '<html><body/></html>', 'web page'],
  ['other text', 'ok 1 - all', 'none of LCOV, Cobertura'],
])('%s is unreadable, and is told as what it is', async (_, text, says) => {
  const report = await readReport({ bytes: Buffer.from(text, 'latin1'), name: 'report' });
  expect(report).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(says) });
});

test('a count with a fraction is a number in JSON, too', async () => {
  const text = '{"coverage":{"a.x":{"1":1.5,"2":0.5,"3":0.0,"4":2.0e1,"5":0}},"messages":{}}';
  expect(await filesOf(text)).toEqual({ 'a.x': '1,2,4 of 1,2,3,4,5' });
});
