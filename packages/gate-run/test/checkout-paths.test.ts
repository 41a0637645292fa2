import { describe, expect, test } from '@jest/globals';
import { fromRoot } from '../src/record-command.ts';

const DIR = '/var/lib/service/slots/r 1';

describe('what a command prints of its checkout is said from the root of the commit', () => {
  test.each([
    ['a path with a line', `    at ${DIR}/test/sum.test.mjs:7:10`, '    at test/sum.test.mjs:7:10'],
    ['a file address', 'at file:///var/lib/service/slots/r%201/test/sum.test.mjs:7:10', 'at test/sum.test.mjs:7:10'],
    ['several of a line', `${DIR}/a.js imports ${DIR}/b.js`, 'a.js imports b.js'],
    ['a hidden file', `cannot read ${DIR}/.env`, 'cannot read .env'],
    ['the root itself', `rootdir: ${DIR}`, 'rootdir: .'],
    ['the root at the end of a sentence', `nothing in ${DIR}.`, 'nothing in ..'],
    ['the root with a slash', `in '${DIR}/'`, "in './'"],
    ['another directory of such a name', `${DIR}0/a.js and ${DIR}-old/a.js`, `${DIR}0/a.js and ${DIR}-old/a.js`],
    ['no path at all', '7 tests passed', '7 tests passed'],
    ['nothing', '', ''],
  ])('%s', (_, said, expected) => {
    expect(fromRoot(said, DIR)).toBe(expected);
  });
});
