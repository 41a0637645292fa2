/**
 * Every step of a merge against every fault that a machine, a colleague or an operator can bring. Whatever happens, the
 * answer is of the right family, no innocent change is blamed, nothing is lost, and asking again lands the change.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileLease, type LeasePort } from '@gatehouse/merge-gate';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HANG_MS, overOnceFired } from './faults/deadline.ts';
import { CALL_BEFORE, CALL_OF, codeOf, FAULTS, type Fault, needsDisk, STEPS, type Step } from './faults/faults.ts';
import { expectNothingLost } from './faults/nothing-lost.ts';
import { attempt, type Phase, type RoundEnd } from './faults/queue.ts';
import { git, makeTemplate, recordIn, Scene } from './faults/scene.ts';
import { EXTENT, isDue } from './faults/whole.ts';

/** How the first round ends. `again`: no verdict is possible; otherwise the kind of the verdict, or what became of it. */
type End = 'again' | 'infra' | 'tool-failed' | 'busy' | 'base-moved' | 'branch-moved' | 'landed' | 'gone' | 'died';
/** A cell that means nothing, and why. */
type NoCell = { readonly why: string };

const NO_GIT_NEEDED: NoCell = { why: 'the lease needs no git' };

/** Columns in the order of FAULTS. */
const TABLE: { readonly [S in Step]: readonly (End | NoCell)[] } = {
  fetch: ['again', 'again', 'again', 'again', 'again', 'tool-failed', 'landed', 'landed', 'gone', 'died'],
  lease: [
    'landed',
    'landed',
    'infra',
    'infra',
    NO_GIT_NEEDED,
    'busy',
    'base-moved',
    'branch-moved',
    'branch-moved',
    'died',
  ],
  rebase: [
    'landed',
    'infra',
    'infra',
    'infra',
    'tool-failed',
    'tool-failed',
    'base-moved',
    'branch-moved',
    'branch-moved',
    'died',
  ],
  'rebase in the slot': [
    'infra',
    'infra',
    'infra',
    'infra',
    'tool-failed',
    'tool-failed',
    'base-moved',
    'branch-moved',
    'branch-moved',
    'died',
  ],
  checkout: [
    'infra',
    'infra',
    'infra',
    'infra',
    'tool-failed',
    'tool-failed',
    'base-moved',
    'branch-moved',
    'branch-moved',
    'died',
  ],
  setup: [
    'infra',
    'infra',
    'infra',
    'infra',
    'infra',
    'tool-failed',
    'base-moved',
    'branch-moved',
    'branch-moved',
    'died',
  ],
  test: [
    'infra',
    'infra',
    'infra',
    'infra',
    'infra',
    'tool-failed',
    'base-moved',
    'branch-moved',
    'branch-moved',
    'died',
  ],
  push: [
    'infra',
    'infra',
    'infra',
    'infra',
    'tool-failed',
    'tool-failed',
    'again',
    'branch-moved',
    'branch-moved',
    'died',
  ],
  land: ['again', 'again', 'again', 'again', 'again', 'again', 'again', 'landed', 'landed', 'died'],
  're-read': ['again', 'again', 'again', 'again', 'again', 'again', 'landed', 'landed', 'landed', 'died'],
};

const CHILD = fileURLToPath(new URL('./faults/round.child.ts', import.meta.url));
const HOLDER = fileURLToPath(new URL('./file-lease.child.ts', import.meta.url));
const NODE = [process.execPath, '--conditions=gatehouse:src', '--disable-warning=ExperimentalWarning'] as const;
const canMount =
  spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d"']).status === 0;
const onLinux = process.platform === 'linux';

/** Where merge attributes are in play a rebase needs a work tree; without them it does not. */
const TEMPLATES = { plain: {}, attributes: { '.gitattributes': '*.lock merge=binary\n' } } as const;
type Template = keyof typeof TEMPLATES;
const templateOf = (step: Step): Template => (step === 'rebase in the slot' ? 'attributes' : 'plain');

const templates: Record<Template, string> = { plain: '', attributes: '' };
const met = new Set<string>();

beforeAll(() => {
  if (!onLinux) return;
  for (const name of ['plain', 'attributes'] as const) {
    templates[name] = makeTemplate(TEMPLATES[name]);
  }
});
afterAll(() => {
  for (const template of Object.values(templates)) rmSync(template, { recursive: true, force: true });
});

function round(scene: Scene, more: { lease?: LeasePort; hang?: Fault; hung?: Step } = {}): Promise<RoundEnd> {
  const gitHangs = more.hang === 'hangs' && more.hung !== 'setup' && more.hung !== 'test';
  return attempt({
    home: scene.home,
    origin: scene.origin,
    branch: 'task',
    holder: 'table',
    policy: scene.policy(more.hang === 'hangs' && !gitHangs ? HANG_MS : 60_000),
    ...(gitHangs ? { gitTimeoutMs: HANG_MS } : {}),
    ...(more.lease === undefined ? {} : { lease: more.lease }),
    before: (phase: Phase) => scene.phase(phase),
    onRun: (run) => {
      scene.runs.push(run);
      recordIn(scene.desk, run);
    },
  });
}

async function meet(scene: Scene, step: Step, fault: Fault): Promise<RoundEnd | 'died'> {
  if (step === 'lease') return meetAtLease(scene, fault);
  const code = codeOf(fault, step);
  const [at, before] = [CALL_OF[step], CALL_BEFORE[step]];
  if (step === 'setup' || step === 'test') scene.arm({ inside: step, code });
  else if (fault !== 'finds no git') scene.arm({ code, ...(at === undefined ? {} : { before: at }) });
  else scene.arm({ code, ...(before === undefined ? { inside: 'test' } : { after: before }) });
  if (fault === 'loses its service to SIGKILL') return kill(scene, false);
  const restore = fault === 'hangs' ? overOnceFired(() => scene.fired) : () => {};
  return round(scene, { hang: fault, hung: step }).finally(restore);
}

function kill(scene: Scene, atLease: boolean): 'died' {
  const policy = JSON.stringify(scene.policy(60_000));
  const [node = '', ...flags] = NODE;
  const child = spawnSync(node, [...flags, CHILD, scene.root, scene.desk, policy, String(atLease)], {
    env: process.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect(child.signal).toBe('SIGKILL');
  return 'died';
}

/** The lease calls no git, so the fault strikes around its acquisition. */
async function meetAtLease(scene: Scene, fault: Fault): Promise<RoundEnd | 'died'> {
  const leases = join(scene.home, 'leases');
  const port = fileLease(leases, { ttlMs: 60_000 });
  const fire = (): void => mkdirSync(join(scene.desk, 'fired'));
  const newest = (): string => execFileSync('sh', ['-c', `ls -d "${leases}"/*/1`], { encoding: 'utf8' }).trim();
  switch (fault) {
    case 'loses its service to SIGKILL':
      return kill(scene, true);
    case 'is killed':
    case 'hangs':
    case 'meets a corrupt object': {
      // Another process takes the lease and is killed; or is of another machine and falls silent; or its record is destroyed.
      const [node = '', ...flags] = NODE;
      const hold = `"$0" "$@" & read -r said < "$FIFO"; kill -9 $!; test "$said" = acquired`;
      const fifo = join(scene.desk, 'said');
      execFileSync('mkfifo', [fifo]);
      const env = { ...process.env, FIFO: fifo };
      const shell = [`exec 3<>"$FIFO"; ${hold.replace('"$@" &', '"$@" > "$FIFO" &')}`, node, ...flags, HOLDER];
      execFileSync('sh', ['-c', ...shell, 'hold', leases, 'acme/app', 'other'], { env });
      if (fault !== 'is killed') {
        const record = JSON.parse(readFileSync(newest(), 'utf8'));
        writeFileSync(newest(), fault === 'hangs' ? JSON.stringify({ ...record, scope: 'elsewhere' }) : '{"holder":');
      }
      if (fault === 'hangs') age(newest());
      fire();
      const end = await round(scene, { lease: port });
      if (fault === 'meets a corrupt object') age(newest());
      return end;
    }
    default: {
      const code = codeOf(fault, 'lease');
      writeFileSync(join(scene.desk, 'lease'), `${scene.scope}${code}\n`);
      const acquire: LeasePort['acquire'] = (request) => {
        fire();
        execFileSync('sh', [join(scene.desk, 'lease')]);
        return port.acquire(request);
      };
      return round(scene, { lease: { ...port, acquire } });
    }
  }
}

/** Makes a grant appear silent for longer than any lease lasts. */
const age = (path: string): void => utimesSync(path, 1, 1);

const endOf = (end: RoundEnd | 'died'): string => {
  if (end === 'died') return 'died';
  return end.kind === 'judged' ? end.verdict.kind : end.kind;
};

/** Asked again as an engine would, the change lands, or the branch is gone. */
async function converge(scene: Scene): Promise<RoundEnd> {
  let end: RoundEnd = { kind: 'again', why: 'not asked yet' };
  for (let asked = 0; asked < 8; asked += 1) {
    end = await round(scene);
    if (end.kind === 'judged') expect(end.status).not.toBe('fail');
    if (end.kind === 'landed' && git('--git-dir', scene.origin, 'merge-base', 'refs/heads/main', 'refs/heads/task')) {
      const left = git('--git-dir', scene.origin, 'rev-list', '--count', 'refs/heads/main..refs/heads/task');
      if (left === '0') break;
    }
    if (end.kind === 'gone') break;
  }
  return end;
}

/** What another person brought to main or to the branch. */
const EXTRA: { readonly [F in Fault]?: string } = {
  'sees main move': 'others.txt',
  'sees the branch move': 'more.txt',
};

const table = STEPS.flatMap((step, row) =>
  FAULTS.map((fault, column) => ({
    step,
    fault,
    expected: TABLE[step][column] ?? { why: 'not in the table' },
    due: isDue(row, column),
  })),
);
const cells = table.filter(({ due }) => due);

describe.each(STEPS)('%s', (step) => {
  for (const { fault, expected } of cells.filter((cell) => cell.step === step)) {
    if (typeof expected !== 'string') continue;
    const impossible = !onLinux
      ? 'needs Linux'
      : needsDisk(fault, step) && !canMount
        ? 'needs the right to mount'
        : null;
    if (impossible !== null) {
      test.skip(`${step} ${fault} (${impossible})`, () => {});
      continue;
    }
    test(`${step} ${fault}: ${expected}, and nothing is lost`, async () => {
      const scene = new Scene({
        template: templates[templateOf(step)],
        ...(needsDisk(fault, step) ? { diskMiB: 8 } : {}),
      });
      writeFileSync(join(scene.desk, 'runs'), '');
      try {
        const first = await meet(scene, step, fault);
        expect(scene.fired).toBe(true);
        met.add(`${step} ${fault}`);
        scene.heal();
        if (first !== 'died' && first.kind === 'judged') expect(['defer', 'error']).toContain(first.status);
        expect({ end: endOf(first), first }).toEqual({ end: expected, first });
        const last = await converge(scene);
        expect({ last: last.kind }).toEqual({
          last: fault === 'sees the branch vanish' ? expect.stringMatching(/gone|landed/) : 'landed',
        });
        expectNothingLost(scene, last, EXTRA[fault]);
        if (last.kind === 'gone') expect(fault).toBe('sees the branch vanish');
        expect(scene.runs.map(({ outcome }) => outcome)).not.toContain('red');
        const lease = fileLease(join(scene.home, 'leases'));
        expect(await lease.acquire({ repo: 'acme/app', holder: 'probe' })).toMatchObject({ kind: 'acquired' });
      } finally {
        scene.close();
      }
    });
  }
});

test(`every cell of the table is tested, impossible here, or has a reason not to exist (${EXTENT})`, () => {
  const due = cells.filter(
    ({ step, fault, expected }) => typeof expected === 'string' && onLinux && (canMount || !needsDisk(fault, step)),
  );
  expect([...met].sort()).toEqual(due.map(({ step, fault }) => `${step} ${fault}`).sort());
  expect(table).toHaveLength(STEPS.length * FAULTS.length);
  expect(new Set(cells.flatMap(({ step, fault }) => [step, fault]))).toEqual(new Set([...STEPS, ...FAULTS]));
  for (const { expected } of table) if (typeof expected !== 'string') expect(expected.why).toMatch(/\w+ \w+/);
});
