import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { containmentLevel, outputText, type RunSpec, runInGroup } from '@gatehouse/proc-group';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ownCgroup } from '../src/adapters/cgroup.ts';
import { canLeave, elsewhere } from './elsewhere.ts';
import { SHAPES } from './process-shapes.ts';
import { isRoot, needsRoot, nobody, publicFolder, settled, survivors, testIf, testWith, until } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);
const machine = await containmentLevel();
const has = (level: string): boolean =>
  machine.kind === 'detected' && machine.details.some((detail) => detail.level === level && detail.usable);

/** Unmarked, in a session of its own, by itself over after a while; `$0` is what it sleeps and is known by. */
const STRAY = 'exec prlimit --locks=0:0 setsid sleep "$0"';
const fired = 'while [ "$(cat /proc/$pid/comm 2>/dev/null)" != sleep ]; do :; done; echo out';
const cgroup = ownCgroup() ?? '/nowhere';

/** How a process may leave what holds it. Each says `out` once one has left and is an orphan or will be. */
const WAYS: readonly { readonly way: string; readonly needs: 'root' | 'nothing'; readonly line: string }[] = [
  { way: 'lowers both ends of its mark', needs: 'nothing', line: `(${STRAY}) >/dev/null & pid=$!; ${fired}` },
  {
    way: 'lowers both ends of its mark twice forked',
    needs: 'nothing',
    line: `pid=$( ( (${STRAY}) >/dev/null & echo $!) ); ${fired}`,
  },
  {
    way: 'lowers both ends of its mark and has no environment',
    needs: 'nothing',
    line: `(exec env -i prlimit --locks=0:1 setsid sleep "$0") >/dev/null & pid=$!; ${fired}`,
  },
  {
    way: 'has the mark of another process changed from outside',
    needs: 'nothing',
    line: `setsid sleep "$0" >/dev/null & pid=$!; while [ "$(cat /proc/$pid/comm)" != sleep ]; do :; done; prlimit --pid $pid --locks=3:3; ${fired}`,
  },
  {
    way: 'becomes a child of the parent of its parent',
    needs: 'nothing',
    line: `pid=$(perl -e '$^F = 9; my $pid = syscall 56, 0x8011, 0, 0, 0, 0; if (!$pid) { open STDOUT, ">/dev/null"; exec @ARGV } print $pid' prlimit --locks=0:0 setsid sleep "$0"); ${fired}`,
  },
  {
    way: 'moves itself out of its cgroup and lowers its mark',
    needs: 'root',
    line: `(echo 0 > '${cgroup}/cgroup.procs'; ${STRAY}) >/dev/null & pid=$!; ${fired}`,
  },
];

const newSleep = (): string => `30.${randomInt(1e8, 1e9)}`;
const spec = (line: string, name: string, how: Partial<RunSpec>): RunSpec => ({
  command: '/bin/sh',
  args: ['-c', line, name],
  timeoutMs: 20_000,
  graceMs: 100,
  ...how,
});

const levels: readonly (readonly [string, boolean, boolean, Partial<RunSpec>])[] = [
  ['kernel', has('kernel'), isRoot, {}],
  ['cookie', has('cookie'), isRoot, { containment: 'cookie' }],
  ['cookie as another user', has('cookie') && isRoot, false, { containment: 'cookie', runAs: nobody }],
  ['namespace', has('namespace'), false, { containment: 'namespace' }],
];

describe.each(levels)('a process of a run at level %s', (_, usable, powerful, how) => {
  for (const { way, line } of WAYS.filter(({ needs }) => needs === 'nothing' || powerful)) {
    (usable ? testWith('prlimit') : testIf(false, 'the level cannot be had'))(
      `that ${way} is ended all the same, and that is proved`,
      async () => {
        const name = newSleep();
        const run = settled(await runInGroup(spec(line, name, how)));
        expect([survivors(name), outputText(run.stdout)]).toEqual([0, 'out\n']);
        expect(run).toMatchObject({ kind: 'exited', code: 0, containment: { verified: true, leaked: 0 } });
        expect(run.containment.unproven).toBeUndefined();
      },
    );
  }
});

describe('a process of a run', () => {
  const chosen = [
    'has a name that reads like a state',
    'is started again by whoever is told to end',
    'is another user',
  ];
  for (const [shape, needs, line] of SHAPES.filter(([shape]) => chosen.includes(shape))) {
    (has('cookie') && (isRoot || !needs.includes('root')) ? testWith('perl') : testIf(false, needsRoot))(
      `that ${shape} is ended, and that is proved`,
      async () => {
        const name = newSleep();
        const run = settled(await runInGroup({ ...spec(line, name, { containment: 'cookie' }), timeoutMs: 1500 }));
        expect(survivors(name)).toBe(0);
        expect(run.containment).toMatchObject({ verified: true, leaked: 0 });
      },
    );
  }
});

describe('a run whose keeper is', () => {
  const kill = (signal: string): string => `(${STRAY}) >/dev/null & pid=$!; ${fired}; kill -${signal} $PPID; sleep 9`;

  testWith('perl')('killed ends, and nothing is claimed to be proved', async () => {
    const name = newSleep();
    const run = settled(await runInGroup(spec(kill('KILL'), name, { containment: 'cookie' })));
    survivors(name);
    expect(run).toMatchObject({ kind: 'unknown', containment: { verified: false } });
    expect(run.containment.unproven).toMatch(/was killed/);
  });

  testWith('perl')('stopped ends at its deadline, and that nothing is left is proved', async () => {
    const name = newSleep();
    const run = settled(await runInGroup({ ...spec(kill('STOP'), name, { containment: 'cookie' }), timeoutMs: 1000 }));
    expect([run.kind, survivors(name)]).toEqual(['timeout', 0]);
    expect(run.containment).toMatchObject({ verified: true, leaked: 0 });
  });
});

describe('without a keeper', () => {
  const before = ['mount --bind /dev/null "$(command -v perl)"'];
  const [lowered] = WAYS;

  for (const [who, uid] of [
    ['root', null],
    ['another user', nobody.uid],
  ] as const) {
    testIf(canLeave && has('cookie'), 'hiding perl needs root and a mount namespace')(
      `${'a process that lowers both ends of its mark is told'}, for ${who}`,
      () => {
        const name = newSleep();
        const how = { containment: 'cookie' as const };
        const user = uid === null ? {} : { uid };
        const { run } = elsewhere({ before, ...user, spec: spec(lowered?.line ?? '', name, how) });
        expect(survivors(name)).toBe(1);
        expect(run).toMatchObject({ kind: 'exited', level: 'cookie', containment: { verified: false, leaked: null } });
        expect(run.containment.unproven).toMatch(/no perl .*\(sleep\) is an orphan without a mark/);
      },
    );
  }

  testIf(canLeave && has('cookie'), 'hiding perl needs root and a mount namespace')(
    'a command that speaks as the shell that could not become it proves nothing by that',
    () => {
      const name = newSleep();
      const complaint = 'set -- $(ulimit -S -w); echo "gatehouse-exec-$1: not found" >&2; exit 127';
      const line = `${lowered?.line}; ${complaint}`;
      const { run } = elsewhere({ before, spec: spec(line, name, { containment: 'cookie' }) });
      expect(survivors(name)).toBe(1);
      expect(run).toMatchObject({ kind: 'spawn-failed', level: 'cookie' });
      expect(run.containment).toMatchObject({
        verified: false,
        leaked: null,
        unproven: expect.stringMatching(/orphan/),
      });
    },
  );

  testIf(canLeave && has('cookie'), 'hiding perl needs root and a mount namespace')(
    'nothing is proved where /proc hides the processes of others, and the answer says so',
    () => {
      const hidden = [...before, 'mount -t proc -o hidepid=2 proc /proc'];
      const { run } = elsewhere({ before: hidden, uid: nobody.uid, spec: spec('exit 0', '1', {}) });
      // One that could not be started at all would be proved to have left nothing, and is another answer.
      expect(run).toMatchObject({
        kind: 'exited',
        containment: { verified: false, unproven: expect.stringContaining('/proc hides') },
      });
    },
  );
});

const freezer = '/sys/fs/cgroup/freezer';
testIf(isRoot && existsSync(`${freezer}/tasks`), `${needsRoot}, and there has to be a cgroup v1 freezer`)(
  'a process that is frozen by a cgroup v1 freezer is told as leaked, and is gone once it thaws',
  async () => {
    const name = newSleep();
    const frozen = `${freezer}/gatehouse-test-${process.pid}`;
    mkdirSync(frozen);
    try {
      const line = `setsid sleep "$0" >/dev/null & pid=$!; ${fired}; echo $pid > ${frozen}/tasks && echo FROZEN > ${frozen}/freezer.state`;
      const run = settled(await runInGroup(spec(line, name, { containment: 'cookie' })));
      expect(run).toMatchObject({ kind: 'exited', containment: { verified: false, leaked: 1 } });
      expect(run.containment.unproven).toMatch(/^it could not be ended: \d+ \(sleep\)$/);
    } finally {
      writeFileSync(`${frozen}/freezer.state`, 'THAWED');
      await until(() => survivors(name) === 0, 'the frozen process is gone');
      rmdirSync(frozen);
    }
  },
);

test.each([
  ['group', /left the process group/],
  ['plain', /only the command itself/],
] as const)('level %s never claims a proof and says why', async (containment, why) => {
  const run = settled(await runInGroup(spec('exit 0', '1', { containment })));
  expect(run.containment).toMatchObject({ verified: false, unproven: expect.stringMatching(why) });
});
