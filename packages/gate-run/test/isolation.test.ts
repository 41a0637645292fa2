/** What a command in a world of its own sees, what it leaves, and that a world that cannot be had runs nothing. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommandRun, type Isolation, type OwnWorld, type RunRequest, tryIsolation } from '@gatehouse/gate-run';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { worldLine } from '../src/isolation.ts';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
let commit: string;
beforeAll(() => {
  repo = new ScratchRepo();
  // As a service's directory: whoever is another user gets through, and reads no list.
  chmodSync(repo.root, 0o711);
  mkdirSync(join(repo.root, 'slots'), { mode: 0o711 });
  commit = repo.commit({ 'a.txt': 'a\n' });
  writeFileSync(join(repo.root, 'token'), 'the token');
});
afterAll(() => repo.remove());

const opens = spawnSync('bwrap', ['--dev-bind', '/', '/', '--unshare-pid', 'true']).status === 0;
const isRoot = process.geteuid?.() === 0;
const demanded = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' && spawnSync('bwrap', ['--version']).status !== 0;
const inWorld: typeof test = opens || demanded ? test : (test.skip as typeof test);
const asUser: typeof test = isRoot ? test : (test.skip as typeof test);

const world = (more: Partial<OwnWorld> = {}): OwnWorld => ({
  kind: 'bwrap',
  network: true,
  tools: [],
  read: [],
  write: [],
  hidden: [repo.root],
  ...more,
});

async function said(
  isolation: Isolation,
  command: string,
  more: Partial<RunRequest> = {},
): Promise<{ readonly said: readonly string[]; readonly runs: readonly CommandRun[] }> {
  const runs: CommandRun[] = [];
  const slot = { kind: 'check-out', git: { gitDir: repo.gitDir }, dir: join(repo.root, 'slots', 'one') } as const;
  const onRun = (run: CommandRun) => void runs.push(run);
  const answer = await repo.run(commit, { slot, command, limits: { isolation }, onRun, ...more });
  if (answer.kind !== 'ran') throw new Error(JSON.stringify(answer));
  expect(answer.warnings).toEqual([]);
  return { said: answer.output.trim().split('\n'), runs };
}

describe('a world of its own', () => {
  inWorld('holds the checkout with its history, and nothing of what lies around it', async () => {
    const around = `test ! -e ${repo.root}/token && ls ${repo.root} ${repo.root}/slots && git log --format=%s && git status --short`;
    const { said: lines, runs } = await said(world(), around);
    const home = expect.stringMatching(/^gatehouse-home-one-/);
    expect(lines).toEqual([`${repo.root}:`, 'repo.git', 'slots', '', `${repo.root}/slots:`, home, 'one', 'a change']);
    expect(runs).toMatchObject([{ outcome: 'green', verified: true, leftovers: 0 }]);
  });

  inWorld('shows the objects of the mirror to read, and no other part of it', async () => {
    const objects = `${repo.gitDir}/objects`;
    const { said: lines } = await said(
      world(),
      `ls ${repo.gitDir}; touch ${objects}/x 2> /dev/null || echo not written; git cat-file -t HEAD`,
    );
    expect(lines).toEqual(['objects', 'not written', 'commit']);
  });

  inWorld('has a /tmp that setup and command share, and that is gone with the run', async () => {
    const before = readdirSync('/tmp');
    const { said: lines } = await said(world(), 'cat /tmp/made /var/tmp/made; ls "$TMPDIR" | wc -l', {
      setup: 'echo one > /tmp/made; echo two > /var/tmp/made',
    });
    expect(lines).toEqual(['one', 'two', '0']);
    expect(readdirSync('/tmp').filter((name) => name === 'made' && !before.includes(name))).toEqual([]);
    expect(readdirSync(join(repo.root, 'slots')).sort()).toEqual(['one', 'one.git']);
  });

  inWorld('shows no file of the machine that not everybody may read, and lets none be written', async () => {
    const { said: lines } = await said(
      world(),
      'cat /etc/shadow > /dev/null 2>&1 || echo closed; touch /etc/x /usr/x /x 2> /dev/null || echo not written',
    );
    expect(lines).toEqual(['closed', 'not written']);
  });

  inWorld('shows what it is told to, hidden places within included', async () => {
    const tool = join(repo.root, 'tool');
    mkdirSync(tool, { recursive: true });
    writeFileSync(join(tool, 'x'), 'tool\n');
    const { said: lines } = await said(
      world({ write: [tool] }),
      `cat ${tool}/x && echo more >> ${tool}/x; cat ${repo.root}/token`,
      { visible: { read: [join(repo.root, 'token')] } },
    );
    expect(lines).toEqual(['tool', 'the token']);
    expect(readFileSync(join(tool, 'x'), 'utf8')).toBe('tool\nmore\n');
  });

  inWorld('lets a command open its own output anew, as it is wherever else it runs', async () => {
    const { said: lines } = await said(world(), 'echo one > /dev/stdout; echo two | tee /dev/stderr > /dev/null');
    expect(lines.filter((line) => line !== '').sort()).toEqual(['one', 'two']);
  });

  inWorld('does without a place of programs that nobody gets to', async () => {
    const tools = ['/no/such/bin', join(repo.root, 'token', 'bin')];
    expect((await said(world({ tools }), 'echo ran')).said).toEqual(['ran']);
  });

  inWorld(
    'runs the programs that links of such a place lead to, with what they need, and shows nothing around them',
    async () => {
      const at = (...parts: string[]) => join(repo.root, 'linked', ...parts);
      const program = (path: string, text: string) => {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text, { mode: 0o755 });
      };
      // As uv and pipx have them: a program of a tree of its own, whose interpreter is a link into another one.
      program(at('pythons', 'one', 'bin', 'interpreter'), '#!/bin/sh\nexec /bin/sh "$@"\n');
      program(
        at('venvs', 'tool', 'bin', 'tool'),
        `#!${at('venvs', 'tool', 'bin', 'python')}\ncat ${at('venvs', 'tool', 'lib', 'word')}\n`,
      );
      program(at('venvs', 'tool', 'lib', 'word'), 'of the tree\n');
      program(at('venvs', 'other', 'bin', 'x'), 'x');
      symlinkSync(at('pythons', 'one', 'bin', 'interpreter'), at('venvs', 'tool', 'bin', 'python'));
      program(
        at('lib', 'node_modules', 'pkg', 'cli.sh'),
        `#!/bin/sh\ncat ${at('lib', 'node_modules', 'needed', 'word')}\n`,
      );
      program(at('lib', 'node_modules', 'needed', 'word'), 'of the modules\n');
      program(at('src', 'alone.sh'), '#!/bin/sh\necho alone\n');
      program(at('src', 'beside'), 'beside\n');
      mkdirSync(at('.local', 'bin'), { recursive: true });
      symlinkSync(at('venvs', 'tool', 'bin', 'tool'), at('.local', 'bin', 'tool'));
      symlinkSync(at('lib', 'node_modules', 'pkg', 'cli.sh'), at('.local', 'bin', 'pkg'));
      symlinkSync(at('src', 'alone.sh'), at('.local', 'bin', 'alone'));
      symlinkSync(at('nowhere'), at('.local', 'bin', 'nowhere'));
      program(at('papers', 'private'), 'private\n');
      symlinkSync(at('papers'), at('.local', 'bin', 'papers'));
      const tools = [at('.local', 'bin')];
      const command = `PATH=${tools[0]}:$PATH; tool; pkg; alone; ls ${at()} ${at('venvs')} ${at('src')}`;
      const { said: lines } = await said(world({ tools, hidden: [join(repo.root, 'token')] }), command);
      expect(lines.filter((line) => line !== '' && !line.endsWith(':'))).toEqual([
        ...['of the tree', 'of the modules', 'alone'],
        ...['lib', 'pythons', 'src', 'venvs', 'alone.sh', 'tool'],
      ]);
    },
  );

  inWorld('outlives what a command sends to its own group', async () => {
    // What scripts of tests say to end the servers that they started.
    const { said: lines, runs } = await said(world(), 'trap "" TERM; kill -TERM 0 && kill -TERM -$$ && echo outlived');
    expect(lines).toEqual(['outlived']);
    expect(runs).toMatchObject([{ outcome: 'green', verified: true }]);
  });

  inWorld('keeps the caches that a policy names', async () => {
    const into = join(repo.root, 'cache');
    const fill = 'mkdir -p "$HOME/.cache/tool" vendor && echo x > "$HOME/.cache/tool/x" && echo y > vendor/y';
    const paths = ['~/.cache/tool', 'vendor'];
    await said(world(), fill, { cache: { paths, from: null, into } });
    expect(readdirSync(into)).toHaveLength(2);
    const { said: lines } = await said(world(), 'cat "$HOME/.cache/tool/x" vendor/y', {
      cache: { paths, from: into, into: null },
    });
    expect(lines).toEqual(['x', 'y']);
  });

  inWorld('has the machine as network unless it is to have none', async () => {
    const look =
      'python3 -c \'import socket; s = socket.create_server(("127.0.0.1", 0)); print("loopback")\'; ls /sys/class/net';
    const list = 'cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " "';
    const [open, none] = [
      await said(world(), list),
      await said(world({ network: false }), `${look} > /dev/null; ${list}`),
    ];
    expect(open.said.length).toBeGreaterThan(1);
    expect(none.said).toContain('lo');
    expect(none.said.filter((name) => open.said.includes(name) && name.startsWith('e'))).toEqual([]);
  });

  inWorld('holds whatever the kill-switch of trees says', async () => {
    const limits = { isolation: world(), treeKill: false };
    const { runs } = await said(world(), 'setsid sleep 60 & test ! -e "$0/token"', { limits });
    expect(runs).toMatchObject([{ outcome: 'green', verified: true, leftovers: 1 }]);
  });

  inWorld('that cannot be opened is no red, and no run without one', async () => {
    const place = join(repo.root, 'file-in-the-way');
    writeFileSync(place, '');
    const command = `: > ${repo.root}/ran`;
    const answer = await repo.run(commit, {
      command,
      slot: { kind: 'stands', dir: join(place, 'slot'), tree: null },
      limits: { isolation: world() },
    });
    expect(['refused', 'ran']).toContain(answer.kind);
    expect(answer).not.toMatchObject({ run: { outcome: 'red' } });
    expect(existsSync(join(repo.root, 'ran'))).toBe(false);
  });
});

/** Each prints a word if it goes; what it prints without isolation it has to print with it. */
const HABITS: readonly (readonly [what: string, script: string])[] = [
  [
    'a server on the loopback',
    `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1"); print IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $s->sockport) ? "yes" : "no"'`,
  ],
  [
    'a socket in TMPDIR',
    `perl -MIO::Socket::UNIX -e 'print IO::Socket::UNIX->new(Listen => 1, Local => "$ENV{TMPDIR}/s") ? "yes" : "no"'`,
  ],
  ['chgrp to its own group', ': > a && chgrp "$(id -g)" a && echo yes'],
  [
    'chgrp to another group, for root',
    'if [ "$(id -u)" = 0 ]; then : > a && chgrp 33 a && stat -c %g a; else echo yes; fi',
  ],
  [
    'to drop to another user, for root',
    'if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "id -u; : > /tmp/of-nobody-$$ && rm /tmp/of-nobody-$$ && echo yes"; else echo yes; fi',
  ],
  [
    'to trace a child',
    `perl -e '$pid = fork; if (!$pid) { syscall 101, 0, 0, 0, 0; kill 19, $$; exit 7 } waitpid $pid, 2; $stopped = (\${^CHILD_ERROR_NATIVE} & 0xff) == 0x7f; syscall 101, 7, $pid, 0, 0; waitpid $pid, 0; print $stopped ? "yes" : "no"' `,
  ],
  ['a user namespace of its own', 'unshare --user --map-root-user id -u 2> /dev/null || echo none'],
  ['shared memory', 'echo yes > /dev/shm/gate-run-$$ && cat /dev/shm/gate-run-$$ && rm /dev/shm/gate-run-$$'],
  ['a terminal', 'script --quiet --command "test -t 0 && tty | cut -c1-8" /dev/null < /dev/null | tr -d "\\r"'],
  ['locales', 'locale -a | sort | head -n 3'],
  ['a name for its user', 'id -un; getent passwd "$(id -u)" | cut -d: -f1'],
  ['a name for its machine', 'hostname; getent hosts localhost | cut -d" " -f1'],
  ['certificates', 'test -r /etc/ssl/certs/ca-certificates.crt && echo yes || echo none'],
  ['a cache in HOME that the setup filled', 'cat "$HOME/.cache/tool/x"'],
  ['a session and a group of its own', 'test "$(cut -d " " -f 5,6 /proc/$$/stat)" = "$$ $$" && echo yes'],
  ['its processors', 'nproc; test -r /proc/meminfo && test -r /sys/devices/system/cpu/online && echo yes'],
];

describe('what suites do', () => {
  inWorld('goes in a world of its own as it goes without', async () => {
    const script = HABITS.map(([what, line], at) => `echo "${at}: ${what}"\n(${line}) 2>&1\necho`).join('\n');
    const setup = 'mkdir -p "$HOME/.cache/tool" && echo cached > "$HOME/.cache/tool/x"';
    const one = async (isolation: Isolation | undefined) => {
      const slot = {
        kind: 'check-out',
        git: { gitDir: repo.gitDir },
        dir: join(repo.root, 'slots', 'habits'),
      } as const;
      const answer = await repo.run(commit, { slot, setup, command: script, limits: { isolation } });
      return answer.kind === 'ran' ? answer.output.split('\n') : [JSON.stringify(answer)];
    };
    const without = await one(undefined);
    expect(without.filter((line) => line === 'yes').length).toBeGreaterThan(5);
    expect(await one(world())).toEqual(without);
  });
});

describe('a user of its own', () => {
  const user: Isolation = { kind: 'uid', uids: [60_701, 60_702], gid: 60_700 };

  asUser('owns the checkout, HOME and TMPDIR, and reads nothing that is not for everybody', async () => {
    chmodSync(join(repo.root, 'token'), 0o600);
    const { said: lines, runs } = await said(
      user,
      `id -u; id -G; git log --format=%s; touch "$HOME/x" "$TMPDIR/x" x; cat ${repo.root}/token 2> /dev/null || echo closed`,
    );
    expect(lines).toEqual(['60701', '60700', 'a change', 'closed']);
    expect(runs).toMatchObject([{ outcome: 'green', verified: true }]);
  });

  asUser('is another one for each run at work, and finds the checkouts of others shut', async () => {
    const slotOf = (name: string) =>
      ({ kind: 'check-out', git: { gitDir: repo.gitDir }, dir: join(repo.root, 'slots', name) }) as const;
    const look = (other: string) =>
      `id -u; : > ready; until test -e ${repo.root}/go; do sleep 0.02; done; ls ${repo.root}/slots/${other} 2> /dev/null || echo shut`;
    const both = Promise.all([
      said(user, look('three'), { slot: slotOf('two') }),
      said(user, look('two'), { slot: slotOf('three') }),
    ]);
    const ready = ['two', 'three'].map((name) => join(repo.root, 'slots', name, 'ready'));
    while (!ready.every((path) => existsSync(path))) await new Promise((next) => setTimeout(next, 10));
    writeFileSync(join(repo.root, 'go'), '');
    const [two, three] = await both;
    expect([two.said[0], three.said[0]].sort()).toEqual(['60701', '60702']);
    expect([two.said[1], three.said[1]]).toEqual(['shut', 'shut']);
    const after = await said(user, `ls ${repo.root}/slots/two 2> /dev/null || echo shut`);
    expect(after.said).toEqual(['shut']);
  });

  asUser('is refused where it could not get to the checkout', async () => {
    chmodSync(repo.root, 0o700);
    const answer = await repo.run(commit, { limits: { isolation: user } });
    chmodSync(repo.root, 0o711);
    expect(answer).toEqual({
      kind: 'refused',
      reason: `isolation by uid: other users cannot get through ${repo.root} (chmod o+x)`,
    });
  });
});

describe('the line that opens a world', () => {
  const line = (isRoot: boolean, network = true, leader: string | null = null): string =>
    worldLine({
      isRoot,
      program: '/usr/bin/bwrap',
      leader,
      network,
      read: [],
      hidden: [],
      write: ['/srv/slots/1'],
      lent: [],
      scratch: { tmp: '/srv/s/tmp', varTmp: '/srv/s/var-tmp' },
      dir: '/srv/slots/1',
    }).join(' ');

  test('leaves root no right over devices, mounts, traces of others, raw packets or the kernel', () => {
    expect(line(true)).toContain('--cap-drop ALL');
    for (const right of ['SYS_ADMIN', 'SYS_PTRACE', 'MKNOD', 'NET_RAW', 'NET_ADMIN', 'DAC_READ_SEARCH', 'SYS_MODULE'])
      expect(line(true)).not.toContain(right);
    expect(line(true)).toContain('--ro-bind /proc/sys /proc/sys');
  });

  test('ends with what makes the command the leader of a session, or has bubblewrap open one', () => {
    expect(line(false, true, '/bin/setsid')).toMatch(/ --remount-ro \/ -- \/bin\/setsid$/);
    expect(line(false)).toMatch(/ --remount-ro \/ --new-session --$/);
  });

  test('takes the network away only where it is to', () => {
    expect([line(false), line(false, false)].map((text) => text.includes('--unshare-net'))).toEqual([false, true]);
  });
});

describe('an isolation that is tried', () => {
  inWorld('holds where a command sees nothing of what is beside its checkout', async () => {
    expect(await tryIsolation(world(), repo.root)).toEqual({ kind: 'holds' });
  });

  asUser('holds for another user, too, and lacks where that user gets nowhere', async () => {
    expect(await tryIsolation({ kind: 'uid', uids: [60_701], gid: 60_700 }, repo.root)).toEqual({ kind: 'holds' });
    chmodSync(repo.root, 0o700);
    const barred = await tryIsolation({ kind: 'uid', uids: [60_701], gid: 60_700 }, repo.root);
    chmodSync(repo.root, 0o711);
    expect(barred).toMatchObject({ kind: 'lacks', reason: expect.stringContaining(`get through ${repo.root}`) });
  });

  test('lacks where there is no place for it', async () => {
    expect(await tryIsolation(world(), join(repo.root, 'nowhere'))).toMatchObject({ kind: 'lacks' });
  });
});

test('a malformed isolation is refused before anything runs', async () => {
  const wrong: unknown[] = [
    { kind: 'sandbox' },
    { kind: 'uid', uids: [], gid: 1 },
    { kind: 'uid', uids: [0], gid: 1 },
    { kind: 'bwrap', network: true, tools: [], read: ['relative'], write: [], hidden: [] },
    { kind: 'bwrap', network: true, tools: [], read: ['/a/../b'], write: [], hidden: [] },
  ];
  for (const isolation of wrong)
    expect(await repo.run(commit, { limits: { isolation: isolation as Isolation } })).toMatchObject({
      kind: 'refused',
    });
  expect(await repo.run(commit, { visible: { read: ['x'] } })).toMatchObject({ kind: 'refused' });
});
