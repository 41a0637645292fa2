/**
 * What an output that was made to be slow to read costs this process, for each runner, against a JS byte loop over as many
 * bytes: `node --conditions=gatehouse:src soak/reader-cost.mjs [MEBIBYTES] [LIMIT]`. A child prints so much of each shape;
 * its capture, which keeps beginning and end of each stream, and the reading of what is kept are measured together, over
 * all threads, with the longest stall of the event loop. Exits 1 when a ratio is over LIMIT (3). The second ratio is
 * that of the readers alone, for each byte that they read: it is what a bound on the kept bytes is for.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { readRunAside } from '../src/adapters/reading-thread.ts';
import { countTests } from '../src/count-tests.ts';

const [mebibytes, limit] = [1024, 3].map((fallback, at) => Number(process.argv[at + 2] ?? fallback));
const MIB = 1_048_576;

/** Lines that begin as the runner's do, and go as far through its patterns as they can without ending. */
const SHAPES = {
  tap: '    not ok 1 - a\n',
  'tap, deep': `${' '.repeat(60)}not ok x\n`,
  'node:test': '    ✖ a test that fails (1.25ms)\n',
  jest: 'FAIL ./a/b/c.test.js\n  ● suite › a test that fails\n',
  vitest: ' FAIL  a.test.ts > suite > a test that fails\n',
  mocha: '  0 passing (1ms)\n  9 failing\n  1) a suite\n       its test\n',
  ava: '  ✘ [fail]: suite › a test that fails\n',
  uvu: '   FAIL  suite  "a test that fails"\n',
  jasmine: 'Failures:\n1) suite a test that fails\n',
  karma: 'Browser 1.0 (Linux): Executed 2 of 3 (1 FAILED) (skipped 1) (0 secs / 0 secs)\n',
  playwright: 'Running 1 test using 1 worker\n  1 failed\n    a.spec.ts:1:1 › suite › a test ───\n',
  pytest: 'FAILED test_a.py::test_that_fails - assert 1 == 2\n',
  'pytest, summary': '=== 1 failed, 1 passed, 1 skipped, 1 xfailed, 1 error, 1 rerun in x\n',
  unittest: 'FAIL: test_bad (test_a.T.test_bad)\n',
  'go test': '    --- FAIL: TestBad/sub_one (0.00s)\n',
  'go test -json':
    '{"Time":"2026-11-28T18:21:59Z","Action":"fail","Package":"example.org/a","Test":"TestA/b","Elapsed":0}\n',
  'cargo test': 'test tests::that_fails ... FAILED\n',
  nextest: '        FAIL [   0.003s] rs tests::that_fails\n',
  surefire: '[ERROR] x.ATest.fails -- Time elapsed: 0.090 s <<< ERROR!\n',
  gradle: 'x.ATest > a test that fails FAILED\n',
  'junit console': '[         4 tests found           ]\n',
  'dotnet test': '  Failed Ns.ATest.Bad [3 ms]\n',
  phpunit: 'There was 1 failure:\n1) ATest::testBad\n',
  rspec: "rspec './a_spec.rb[1:1]' # suite a test that fails\n",
  minitest: '  1) Failure:\nATest#test_bad [m.rb:4]:\n',
  ctest: 'The following tests FAILED:\n\t  2 - bad (Failed)\n',
  bats: ' ✗ a test that fails\n',
  'blank lines': '\n',
  'one line': 'x',
  colours: '\u001b[1;31mnot ok\u001b[0m 1 - a test\n',
  'plain words': 'the quick brown fox jumps over the lazy dog and says so\n',
};

const cpuMs = async (work) => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** The yardstick: what any reader must do that looks at each byte once. */
function byteLoop(bytes) {
  let lines = 0;
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === 10) lines += 1;
  return lines;
}

/** The words of a child that prints `mebibytes` of a shape, as a run of the gate keeps them. */
async function printed(unit) {
  const block = Buffer.from(unit.repeat(Math.ceil(MIB / Buffer.byteLength(unit)))).subarray(0, MIB);
  const script = `const b = require('fs').readFileSync(0);
    for (let n = 0; n < ${mebibytes}; n += 1) for (let at = 0; at < b.length;) at += require('fs').writeSync(1, b, at);`;
  const ended = await runInGroup({
    command: process.execPath,
    args: ['-e', script],
    stdin: block,
    timeoutMs: 120_000,
    graceMs: 1_000,
    containment: 'plain',
    output: { headBytes: MIB, tailBytes: MIB },
  });
  if (ended.kind !== 'exited' || ended.code !== 0) throw new Error(JSON.stringify(ended).slice(0, 500));
  return `${outputText(ended.stdout)}\n${outputText(ended.stderr)}`;
}

const bytes = Buffer.alloc(MIB, 'x\n');
byteLoop(bytes);
const loop = await cpuMs(() => {
  for (let n = 0; n < mebibytes; n += 1) byteLoop(bytes);
});
console.log(`a byte loop over ${mebibytes} MiB: ${loop.toFixed(0)} ms`);
let worst = 0;
for (const [shape, unit] of Object.entries(SHAPES)) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let output = '';
  const capture = await cpuMs(async () => {
    output = await printed(unit);
  });
  const reading = await cpuMs(() => readRunAside({ output, slotDir: process.cwd(), report: null }));
  delay.disable();
  const alone = await cpuMs(() => void countTests(output));
  const ratio = (capture + reading) / loop;
  worst = Math.max(worst, ratio);
  const perByte = (alone * mebibytes * MIB) / (loop * output.length);
  const rss = Math.round(process.memoryUsage().rss / MIB);
  console.log(
    `${shape.padEnd(18)} capture ${capture.toFixed(0)} ms, reading ${reading.toFixed(0)} ms, ratio ${ratio.toFixed(2)}; a kept byte ${perByte.toFixed(0)}; stall ${(delay.max / 1e6).toFixed(0)} ms, ${rss} MiB resident`,
  );
}
console.log(`worst ratio ${worst.toFixed(2)}, limit ${limit}`);
process.exitCode = worst > limit ? 1 : 0;
