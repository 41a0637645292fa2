/**
 * Asks the npm on the PATH: `node --conditions=gatehouse:src soak/npm-settings.mjs [RANDOM] [SEED]`. Prints which spellings of
 * `script-shell` it takes, those that the tests hold and RANDOM more, put together from pieces; exits 1 if it takes one that
 * the gate lets pass.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SETTINGS } from '../src/gate-definition/settings-files.ts';
import { HONOURED } from '../test/npmrc-spellings.ts';

const run = promisify(execFile);
const [random, seed] = [100, 1].map((fallback, at) => Number(process.argv[at + 2] ?? fallback));
const PIECES = [
  'script-shell',
  '=',
  '/bin/true',
  ' ',
  '\n',
  '\r',
  '\t',
  '"',
  "'",
  ';',
  '#',
  '[]',
  '[',
  ']',
  '\\',
  '\ufeff',
  '\u00a0',
  '\u2028',
  '\u000b',
  'fund=false',
  'message=x',
  '$' + '{KEY}',
  '$' + '{NONE?}',
];
const npmrc = SETTINGS.find(({ file }) => file.test('.npmrc'));

/** What npm takes for the shell under these files; null when it takes its own. */
async function askNpm(files) {
  const dir = mkdtempSync(join(tmpdir(), 'npm-settings-'));
  for (const [path, planted] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    if (typeof planted === 'string' || Buffer.isBuffer(planted)) writeFileSync(join(dir, path), planted);
    else symlinkSync(planted.link, join(dir, path));
  }
  const env = { PATH: process.env.PATH, HOME: join(dir, 'home'), KEY: 'script-shell' };
  const answer = await run('npm', ['config', 'get', 'script-shell'], { cwd: dir, env }).catch(() => ({
    stdout: 'error',
  }));
  rmSync(dir, { recursive: true });
  const shell = answer.stdout.trim();
  return shell === 'null' || shell === 'undefined' ? null : shell;
}

/** Numbers from 0 to `below`, the same for a seed. */
function* numbers(state, below) {
  for (let now = state; ; yield now % below) now = (Math.imul(now, 1_103_515_245) + 12_345) >>> 1;
}

const taken = numbers(seed, PIECES.length);
const texts = Array.from({ length: random }, () =>
  Array.from({ length: 2 + (taken.next().value % 9) }, () => PIECES[taken.next().value]).join(''),
);
let [honoured, missed] = [0, 0];
for (const [title, files] of HONOURED) console.log(`${(await askNpm(files)) ?? 'not taken'}: ${title}`);
for (const around of texts) {
  // Half of them hold the whole setting somewhere, so that npm takes many.
  const text = around.length % 2 === 0 ? around : `${around}script-shell=/bin/true`;
  const shell = await askNpm({ '.npmrc': text });
  if (shell === null) continue;
  honoured += 1;
  if (npmrc.read(text).block !== '') continue;
  missed += 1;
  console.log(`missed: ${JSON.stringify(text)} is ${shell}`);
}
console.log(JSON.stringify({ random, seed, honoured, missed }));
process.exitCode = missed === 0 ? 0 : 1;
