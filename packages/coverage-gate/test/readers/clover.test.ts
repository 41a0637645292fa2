/** Clover as each of its writers shapes it. The head of a method is no line: in no other format of the same run it is. */
import { describe, expect, test } from '@jest/globals';
import { filesOf, read } from './lines-of.ts';

const METRICS = '<metrics statements="99" coveredstatements="99" methods="9" coveredmethods="9"/>';

describe('Clover', () => {
  test('istanbul names files by path and gives every line a count', async () => {
    const text = `<?xml version="1.0"?><coverage generated="1" clover="3.2.0"><project timestamp="1">${METRICS}<package name="p"><file name="a.ts" path="/w/src/a.ts">${METRICS}
      <line num="2" count="0" type="stmt"/><line num="3" count="1" type="cond" truecount="1" falsecount="0"/><line num="4" count="0" type="cond" truecount="9" falsecount="0"/></file></package></project></coverage>`;
    expect(await read(text)).toMatchObject({ format: 'clover', covered: 1, total: 3, rejected: 0 });
    expect(await filesOf(text)).toEqual({ '/w/src/a.ts': '3 of 2,3,4' });
  });

  test('PHPUnit puts the lines of a file behind its classes and names no Clover version', async () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
<coverage generated="1"><project timestamp="1">
  <file name="/w/src/Stock.php">
    <class name="App\\Stock" namespace="global">${METRICS}</class>
    <class name="App\\Empty" namespace="global">${METRICS}</class>
    <line num="7" type="method" name="take" visibility="public" complexity="1" crap="1" count="4"/>
    <line num="9" type="stmt" count="4"/>
    <line num="12" type="method" name="never" visibility="public" complexity="1" crap="2" count="0"/>
    <line num="14" type="stmt" count="0"/>
    ${METRICS}
  </file>
  <package name="App"><file name="/w/src/plain.php"><line num="3" type="stmt" count="1"/></file></package>
  ${METRICS}
</project></coverage>`;
    expect(await read(text)).toMatchObject({ format: 'clover', covered: 2, total: 3, rejected: 0, truncated: false });
    expect(await filesOf(text)).toEqual({ '/w/src/Stock.php': '9 of 9,14', '/w/src/plain.php': '3 of 3' });
  });

  test('a method of PHPUnit without a statement behind its head has it on the line of the head', async () => {
    const head = (line: number, count: number): string =>
      `\n    <line num="${line}" type="method" name="m${line}" visibility="public" complexity="1" crap="2" count="${count}"/>`;
    const stmt = (line: number, count: number): string => `\n    <line num="${line}" type="stmt" count="${count}"/>`;
    const many = Array.from({ length: 12 }, (_, at) => stmt(50 + at, 1)).join('');
    const file = (name: string, lines: string): string => `<file name="/w/${name}.php">${lines}\n${METRICS}</file>`;
    const text = `<?xml version="1.0"?><coverage generated="1"><project timestamp="1">${[
      file('short', `${head(3, 0)}${head(5, 2)}${head(7, 1)}${stmt(9, 1)}${head(11, 0)}`),
      file('long', `${head(49, 1)}${many}${head(70, 0)}${stmt(71, 0)}`),
      file('alone', head(4, 0)),
    ].join('')}</project></coverage>`;
    const fifties = Array.from({ length: 12 }, (_, at) => 50 + at).join(',');
    expect(await filesOf(text)).toEqual({
      '/w/short.php': '5,9 of 3,5,9,11',
      '/w/long.php': `${fifties} of ${fifties},71`,
      '/w/alone.php': ' of 4',
    });
  });

  test('gcovr writes a test project whose file does not exist', async () => {
    const text = `<?xml version='1.0' encoding='utf-8'?>
<coverage clover="1" generated="1"><project timestamp="1">${METRICS}<package name="root">${METRICS}<file name="main.cpp" path="lib/main.cpp">${METRICS}<class name="id$1">${METRICS}</class><line num="3" type="stmt" count="1"/><line num="4" type="stmt" count="0"/></file></package></project><testproject timestamp="1">${METRICS}<package name="dummy">${METRICS}<file name="dummy" path="dummy">${METRICS}<class name="id$2">${METRICS}</class></file></package></testproject></coverage>`;
    expect(await read(text)).toMatchObject({ covered: 1, total: 2, rejected: 0 });
    expect(await filesOf(text)).toEqual({ 'lib/main.cpp': '3 of 3,4' });
  });

  test('OpenClover counts the outcomes of a condition, not its runs, and keeps the tests apart', async () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
<coverage clover="4.5.2" generated="1"><project name="shop" timestamp="1">${METRICS}
  <package name="org.shop">${METRICS}<file name="Cart.java" path="/w/src/main/java/org/shop/Cart.java">${METRICS}
    <class name="Cart">${METRICS}</class>
    <line complexity="2" visibility="public" signature="total() : int" num="5" count="3" type="method"/>
    <line num="6" count="3" type="stmt"/>
    <line falsecount="2" truecount="0" num="7" type="cond"/>
    <line falsecount="0" truecount="0" num="8" type="cond"/>
    <line num="9" count="0" type="stmt"/>
  </file></package></project>
  <testproject name="shop tests" timestamp="1"><package name="org.shop"><file name="CartTest.java" path="/w/src/test/java/org/shop/CartTest.java"><class name="CartTest"/><line num="4" count="1" type="stmt"/></file></package></testproject>
</coverage>`;
    expect(await read(text)).toMatchObject({ covered: 2, total: 4, rejected: 0, malformed: 0 });
    expect(await filesOf(text)).toEqual({ '/w/src/main/java/org/shop/Cart.java': '6,7 of 6,7,8,9' });
  });

  test('a line outside of every file is rejected', async () => {
    const text = `<coverage clover="3"><project><file path="/w/a"><line num="1" count="1" type="stmt"/></file><line num="2" count="1" type="stmt"/></project></coverage>`;
    expect(await read(text)).toMatchObject({ covered: 1, total: 1, rejected: 1 });
  });
});
