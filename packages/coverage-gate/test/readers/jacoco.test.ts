/** JaCoCo: one module, and reports over several, where a group is a module. */
import { describe, expect, test } from '@jest/globals';
import { filesOf, read } from './lines-of.ts';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">';
const COUNTER = '<counter type="LINE" missed="9" covered="9"/>';
const report = (body: string): string =>
  `${HEAD}<report name="x"><sessioninfo id="a" start="1" dump="2"/>${body}${COUNTER}</report>`;
const source = (name: string, covered: readonly number[]): string =>
  `<sourcefile name="${name}">${[3, 4, 5].map((nr) => `<line nr="${nr}" mi="1" ci="${covered.includes(nr) ? 2 : 0}" mb="1" cb="0"/>`).join('')}${COUNTER}</sourcefile>`;
const java = (name: string, body: string): string =>
  `<package name="${name}"><class name="${name}/A" sourcefilename="A.java"><method name="m" desc="()V" line="3">${COUNTER}</method>${COUNTER}</class>${body}${COUNTER}</package>`;
const group = (name: string, body: string): string => `<group name="${name}">${body}${COUNTER}</group>`;

describe('JaCoCo', () => {
  test('the path is package and source file; a line with a covered instruction is covered', async () => {
    const text = report(java('org/acme', source('A.java', [3, 5])) + java('', source('Main.kt', [])));
    expect(await read(text)).toMatchObject({ format: 'jacoco', covered: 2, total: 6, rejected: 0, truncated: false });
    expect(await filesOf(text)).toEqual({ 'org/acme/A.java': '3,5 of 3,4,5', 'Main.kt': ' of 3,4,5' });
  });

  test('files of one name in two modules are two files, in any order of the modules', async () => {
    const one = group('m1', java('org/acme', source('A.java', [3])));
    const two = group('m2', java('org/acme', source('A.java', [4, 5])));
    const files = { 'm1/org/acme/A.java': '3 of 3,4,5', 'm2/org/acme/A.java': '4,5 of 3,4,5' };
    expect(await filesOf(report(one + two))).toEqual(files);
    expect(await filesOf(report(two + one))).toEqual(files);
    expect(await read(report(one + two))).toMatchObject({ covered: 3, total: 6 });
  });

  test('a name that no other module has is told without its module', async () => {
    const text = report(
      group('m1', java('org/acme', source('A.java', [3]) + source('Only.java', [4]))) +
        group('m2', java('org/acme', source('A.java', []))),
    );
    expect(Object.keys(await filesOf(text))).toEqual([
      'm1/org/acme/A.java',
      'org/acme/Only.java',
      'm2/org/acme/A.java',
    ]);
  });

  test('groups nest, and a package outside of them keeps its name', async () => {
    const text = report(
      group('app', group('core', java('p', source('A.java', [3]))) + group('web', java('p', source('A.java', [4])))) +
        java('p', source('A.java', [5])),
    );
    expect(await filesOf(text)).toEqual({
      'app/core/p/A.java': '3 of 3,4,5',
      'app/web/p/A.java': '4 of 3,4,5',
      'p/A.java': '5 of 3,4,5',
    });
  });

  test('no name is shortened to one that another file has', async () => {
    const text = report(
      group('x', java('m1/p', source('A.java', [5]))) +
        group('m1', java('p', source('A.java', [3]))) +
        group('m2', java('p', source('A.java', [4]))),
    );
    expect(await filesOf(text)).toEqual({
      'x/m1/p/A.java': '5 of 3,4,5',
      'm1/p/A.java': '3 of 3,4,5',
      'm2/p/A.java': '4 of 3,4,5',
    });
  });

  test('one file named twice in a module is one file, also when the modules come in pieces', async () => {
    const text = report(
      group('m1', java('p', source('A.java', [3]))) +
        group('m2', java('p', source('A.java', []))) +
        group('m1', java('p', source('A.java', [5]))),
    );
    expect(await filesOf(text)).toEqual({ 'm1/p/A.java': '3,5 of 3,4,5', 'm2/p/A.java': ' of 3,4,5' });
  });

  test('lines without counts, as gcovr writes them, measure nothing and say so', async () => {
    const text = report(
      java('lib', '<sourcefile name="a.cpp"><line nr="3"/><line nr="4" mb="1" cb="1"/></sourcefile>'),
    );
    expect(await read(text)).toMatchObject({ covered: 0, total: 0, rejected: 2 });
  });
});
