/**
 * Every outgoing call of the GitHub adapter × everything that can go wrong with it, over a double judged by GitHub's published
 * description. The calls of an operation are recorded once, then each of them is spoiled in each way; afterwards the operation is
 * asked again without a fault, as the caller would, and has to end well.
 */
import type { Call, FaultKind } from '@gatehouse/doubles';
import { expect, test } from '@jest/globals';
import type { Forge, LandRequest } from '../src/forges/port.ts';
import { forgeFaultsContract } from './forge-faults.contract.ts';
import { forgeAt, type Github, peopleOf, startGithub } from './github-double.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';
import { isWhole as isCi } from './tool-tests.ts';

const KINDS: readonly FaultKind[] = ['fails-after', 'fails-before', 'cut', 'limited', 'forbidden', 'hangs'];
const { signal: patient } = new AbortController();

interface Scene {
  readonly behind: BareRepository;
  readonly github: Github;
  readonly order: LandRequest;
  readonly number: number;
}
let { behind, github, order, number } = {} as Scene;

const keyOf = ({ method, path, query }: Call): string =>
  `${method} ${path.replaceAll(/[0-9a-f]{40}/g, 'COMMIT')} ${query.get('service') ?? ''}`.trim();
const fresh = (timeoutMs?: number): Forge => forgeAt(github.url, github.double.tokenOf('queue'), timeoutMs);

/** Without it, what starts many processes of git is left to the life of a landing below. */
const isWhole = process.env['FORGE_FAULTS'] === 'all';
/** `npm test` plays every other cell, so that each call and each fault is met. */
const isDue = (cell: number): boolean => isWhole || isCi || cell % 2 === 0;
/** A reading that fails after it was done is one that failed before. */
const isPlayed = (key: string, kind: FaultKind): boolean => kind !== 'fails-after' || !key.startsWith('GET ');

interface Operation {
  readonly name: string;
  /** By git. */
  readonly isSlow?: boolean;
  /** Back to where every run begins. */
  reset(): Promise<void> | void;
  run(forge: Forge, signal: AbortSignal): Promise<{ readonly kind: string }>;
  /** What holds whatever went wrong. */
  holds(answer: { readonly kind: string }): void;
  /** How it ends once nothing goes wrong any more. */
  readonly end: string;
}

/** `land` takes no signal: nothing may cut it short, so a call that hangs ends by its own time. */
const HANGS_MS = 3000;

async function spoiled(operation: Operation, key: string, kind: FaultKind): Promise<void> {
  const { faults } = github.double;
  await operation.reset();
  const before = faults.fired.length;
  // A reading is asked twice; both times it goes wrong.
  faults.plan({ kind, on: (call) => keyOf(call) === key, times: key.startsWith('GET ') ? 2 : 1 });
  const giveUp = new AbortController();
  const asked = operation.run(fresh(kind === 'hangs' ? HANGS_MS : undefined), giveUp.signal);
  let isOver = false;
  void asked.then(() => {
    isOver = true;
  });
  while (!isOver && !(kind === 'hangs' && faults.fired.length > before))
    await new Promise((turn) => setTimeout(turn, 2));
  giveUp.abort();
  const answer = await asked;
  faults.clear();
  expect(faults.fired.length).toBeGreaterThan(before);
  operation.holds(answer);
  const again = await operation.run(fresh(), patient);
  operation.holds(again);
  expect([key, kind, again.kind]).toEqual([key, kind, operation.end]);
}

async function recorded(operation: Operation): Promise<readonly string[]> {
  const calls = new Set<string>();
  const { faults } = github.double;
  await operation.reset();
  faults.plan({ kind: 'hangs', on: (call) => calls.add(keyOf(call)) === null });
  const answer = await operation.run(fresh(), patient);
  faults.clear();
  expect(answer.kind).toBe(operation.end);
  return [...calls];
}

const template = await BareRepository.make(PROJECT);

async function openScene(): Promise<Scene> {
  const bare = template.copy();
  const base = bare.head('main');
  const head = bare.push({ branch: 'work', from: 'main' }, { 'work.txt': '1' });
  const commit = bare.push({ branch: 'tested', from: 'work' }, { 'more.txt': '1' });
  const double = await startGithub(bare.path, 'for the file');
  const made = await double.as('dev', 'POST pulls', { title: 'adds work', head: 'work', base: 'main' });
  const opened = (made as { readonly number: number }).number;
  bare.deleteBranch('tested');
  const members = [{ branch: 'work', head, pullRequest: opened }];
  const landing = { git: { gitDir: bare.path }, main: 'main', from: base, commit, members };
  return { behind: bare, github: double, order: landing, number: opened };
}

const setBranch = (branch: string, commit: string): void =>
  void behind.git('update-ref', `refs/heads/${branch}`, commit);
const headOf = (): string => order.members[0]?.head ?? '';
const ours = () => github.repository.comments.filter(({ user }) => user.login === 'queue');

const OPERATIONS: readonly Operation[] = [
  {
    name: 'land',
    isSlow: true,
    reset: async () => {
      setBranch('main', order.from);
    },
    run: (forge) => forge.land(order),
    holds: ({ kind }) => {
      const main = behind.head('main');
      expect([order.from, order.commit]).toContain(main);
      if (kind === 'landed') expect(main).toBe(order.commit);
      // Only "in doubt" may leave it open: it may have landed.
      else if (kind !== 'in-doubt') expect(main).toBe(order.from);
    },
    end: 'landed',
  },
  {
    name: 'prepare',
    isSlow: true,
    reset: async () => {
      setBranch('work', headOf());
    },
    run: (forge, signal) => forge.prepare({ ...order, signal }),
    holds: ({ kind }) => {
      expect(behind.head('main')).toBe(order.from);
      expect([headOf(), order.commit]).toContain(behind.head('work'));
      if (kind === 'prepared') expect(behind.git('cat-file', '-t', order.commit)).toBe('commit');
    },
    end: 'prepared',
  },
  {
    name: 'requiredChecks',
    reset: () => {
      const required = [{ context: 'ci', appId: null }];
      github.repository.rulesets.splice(0, 1, { id: 7, name: 'main', required });
    },
    run: (forge, signal) => forge.requiredChecks({ commit: headOf(), main: 'main', signal }),
    holds: ({ kind }) => expect(['pending', 'unreachable']).toContain(kind),
    end: 'pending',
  },
  {
    name: 'the first comment',
    reset: () => void github.repository.comments.splice(0),
    run: (forge, signal) => forge.comment({ taskId: 't1', pullRequest: number, text: 'waits', signal }),
    holds: ({ kind }) => {
      expect(ours().length).toBeLessThanOrEqual(1);
      if (kind === 'told') expect(ours()).toHaveLength(1);
    },
    end: 'told',
  },
  {
    name: 'an edited comment',
    reset: async () => {
      const [first] = ours();
      if (first !== undefined) first.body = first.body.replace('runs', 'waits');
      else await fresh().comment({ taskId: 't1', pullRequest: number, text: 'waits' });
    },
    run: (forge, signal) => forge.comment({ taskId: 't1', pullRequest: number, text: 'runs', signal }),
    holds: ({ kind }) => {
      expect(ours()).toHaveLength(1);
      if (kind === 'told') expect(ours()[0]?.body).toContain('runs');
    },
    end: 'told',
  },
  {
    name: 'setStatus',
    reset: () => void github.repository.statuses.splice(0),
    run: (forge, signal) => forge.setStatus({ commit: headOf(), state: 'success', text: 'landed', signal }),
    holds: ({ kind }) => {
      if (kind === 'told') expect(github.repository.statuses.at(-1)).toMatchObject({ state: 'success' });
    },
    end: 'told',
  },
  {
    name: 'finish',
    reset: () => undefined,
    run: (forge, signal) => forge.finish({ number, branch: 'work', commit: order.commit, main: 'main', signal }),
    holds: ({ kind }) => {
      expect(['open', 'unreachable']).toContain(kind);
      expect(github.repository.pulls[0]?.state).toBe('open');
    },
    end: 'open',
  },
  {
    name: 'pullRequests',
    reset: () => undefined,
    run: (forge, signal) => forge.pullRequests(signal),
    holds: ({ kind }) => expect(['pull-requests', 'unreachable']).toContain(kind),
    end: 'pull-requests',
  },
  {
    name: 'pullRequest',
    reset: async () => {
      if (github.repository.pulls[0]?.reviews.length === 0)
        await github.as('dev2', `POST pulls/${number}/reviews`, { event: 'APPROVE' });
    },
    run: (forge, signal) => forge.pullRequest(number, signal),
    holds: (answer) => expect(['pull-request', 'unreachable']).toContain(answer.kind),
    end: 'pull-request',
  },
  {
    name: 'comments',
    reset: () => undefined,
    run: (forge, signal) => forge.comments({ pullRequest: number, cursor: null, signal }),
    holds: ({ kind }) => expect(['comments', 'unreachable']).toContain(kind),
    end: 'comments',
  },
  {
    name: 'mayCommand',
    reset: () => undefined,
    run: (forge, signal) => forge.mayCommand('outsider', signal),
    holds: ({ kind }) => expect(['may-not', 'not-told', 'unreachable']).toContain(kind),
    end: 'may-not',
  },
];

interface Row {
  readonly scene: Scene;
  readonly operation: Operation;
  readonly key: string;
  readonly kind: FaultKind;
  readonly name: string;
}

/** Every row is a test of its own, so the calls are recorded here, before the rows are known. */
const rows: Row[] = [];
for (const operation of OPERATIONS.filter(({ isSlow }) => isWhole || isSlow !== true)) {
  const scene = await openScene();
  ({ behind, github, order, number } = scene);
  const calls = await recorded(operation);
  for (const [column, key] of calls.entries())
    for (const kind of KINDS.filter((one, row) => isPlayed(key, one) && isDue(row + column)))
      rows.push({ scene, operation, key, kind, name: `${operation.name}: ${kind} at ${key}` });
}

test('each operation at github is in the table with its calls', () => {
  const played = new Set(rows.map(({ operation }) => operation.name));
  expect(played.size).toBe(isWhole ? OPERATIONS.length : OPERATIONS.length - 2);
  expect(new Set(rows.map(({ kind }) => kind)).size).toBe(KINDS.length);
});

test.each<Row>(rows)(
  '$name ends well at github',
  async ({ scene, operation, key, kind }) => {
    ({ behind, github, order, number } = scene);
    await spoiled(operation, key, kind);
  },
  60_000,
);

test('a landing that GitHub failed to answer for, and whose outcome git cannot read, is in doubt', async () => {
  ({ behind, github, order, number } = await openScene());
  const { faults } = github.double;
  faults.plan({ kind: 'fails-after', on: ({ method }) => method === 'PATCH' });
  faults.plan({ kind: 'fails-before', on: ({ path }) => path.endsWith('/info/refs'), times: 9 });
  await github.as('dev', 'POST git/refs', { ref: 'refs/heads/tested', sha: order.commit });
  expect((await fresh().land(order)).kind).toBe('in-doubt');
  expect(behind.head('main')).toBe(order.commit);
  faults.clear();
  expect(await fresh().land(order)).toEqual({ kind: 'landed' });
  expect(behind.mainMoves()).toEqual([order.from, order.commit]);
});

await forgeFaultsContract({
  name: "github, over a double judged by GitHub's published description",
  open: async ({ path }) => {
    const own = await startGithub(path);
    const at = (timeoutMs?: number): Forge => forgeAt(own.url, own.double.tokenOf('queue'), timeoutMs);
    // Each call as after a restart: a limit that was met is not remembered, and need not be waited for.
    const afresh = (timeoutMs?: number): Forge =>
      new Proxy(at(timeoutMs), { get: (_forge, name) => Reflect.get(at(timeoutMs), name) });
    return { forge: afresh(), hasty: afresh(3_000), people: peopleOf(own) };
  },
});
