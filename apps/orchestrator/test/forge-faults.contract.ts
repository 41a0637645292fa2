/**
 * The life of a landing at a forge with people, from prepare to the deleted branch, spoilt at each of its calls by each fault.
 * Nothing lands that was not asked, nothing lands twice, nothing is called landed that main lacks, no comment is doubled, and
 * asking again ends it. A part of the table is played in the tests, and all of it with FORGE_FAULTS=all (soak/forge-faults.mjs).
 */
import type { Call, FaultKind } from '@gatehouse/doubles';
import { beforeAll, expect, test } from '@jest/globals';
import type { Forge } from '../src/forges/port.ts';
import type { PeoplesForge, PeoplesSide } from './forge-people.contract.ts';
import { Forge as BareRepository, PROJECT } from './scratch-forge.ts';

export interface ForgeWithFaults {
  readonly name: string;
  /** `hasty` gives up a call inside the window after a few seconds. */
  open(behind: BareRepository): Promise<PeoplesForge & { readonly hasty: Forge }>;
}

interface Work {
  readonly base: string;
  readonly branch: string;
  readonly head: string;
  readonly tested: string;
  readonly number: number;
}

const KINDS: readonly FaultKind[] = ['fails-after', 'fails-before', 'cut', 'limited', 'forbidden', 'hangs', 'stale'];
const isWhole = process.env['FORGE_FAULTS'] === 'all';

export function forgeFaultsContract({ name, open }: ForgeWithFaults): void {
  let template: BareRepository;
  beforeAll(async () => {
    template = await BareRepository.make(PROJECT);
  });

  test(`every fault × every call of a landing at ${name}: once or not at all, said truly, ended when asked again`, async () => {
    const scene = await openScene(template.copy(), open);
    const { people, patient } = scene;
    const calls: Call[] = [];
    people.faults.plan({ kind: 'cut', on: (call) => calls.push(call) === 0 });
    const first = await newWork(scene, 'first');
    expect(await live(scene, patient, { work: first })).toBe(true);
    people.faults.clear();
    await expectEnded(scene, first, 2);

    const rows = calls
      .flatMap((call, at) => KINDS.map((kind) => ({ at, kind, call })))
      .filter(({ kind, call }) => isWhole || isInPart(people, kind, call));
    let moves = 2;
    for (const { at, kind, call } of rows) {
      const work = await newWork(scene, `work-${at}-${kind}`);
      const giveUp = new AbortController();
      let seen = -1;
      const isIt = (): boolean => {
        seen += 1;
        // A silent server is left by the caller; what is inside the window waits for its own deadline.
        if (seen === at && kind === 'hangs' && !people.isLanding(call)) setImmediate(() => giveUp.abort());
        return seen === at;
      };
      people.faults.plan({ kind, on: isIt });
      const isOver = await live(scene, kind === 'hangs' ? scene.hasty : patient, { work, signal: giveUp.signal });
      people.faults.clear();
      for (let again = 0; !isOver && again < 3; again += 1) if (await live(scene, patient, { work })) break;
      moves += 1;
      await expectEnded(scene, work, moves);
    }
    expect(people.faults.fired.map(({ kind }) => kind)).toEqual(rows.map(({ kind }) => kind));
    expect(new Set(rows.map(({ kind }) => kind)).size).toBe(isWhole ? 7 : 6);
  }, 900_000);
}

/** What lands, by every fault that needs no deadline; every other write by the one that was carried out and denied; old readings. */
function isInPart(people: PeoplesSide, kind: FaultKind, call: Call): boolean {
  if (kind === 'stale') return call.method === 'GET' && /\/pulls\/\d+$/.test(call.path);
  return people.isLanding(call) ? kind !== 'hangs' : kind === 'fails-after' && isWrite(call);
}
const isWrite = ({ method, path }: Call): boolean => method !== 'GET' && !path.endsWith('git-upload-pack');

interface Scene {
  readonly behind: BareRepository;
  readonly people: PeoplesSide;
  readonly patient: Forge;
  readonly hasty: Forge;
}

async function openScene(behind: BareRepository, open: ForgeWithFaults['open']): Promise<Scene> {
  const { forge, hasty, people } = await open(behind);
  return { behind, people, patient: forge, hasty };
}

async function newWork({ behind, people }: Scene, branch: string): Promise<Work> {
  const base = behind.head('main');
  const head = behind.push({ branch, from: 'main' }, { [branch]: '1' });
  const tested = behind.push({ branch: 'tested', from: 'main' }, { [branch]: 'caught up' });
  behind.deleteBranch('tested');
  return { base, branch, head, tested, number: await people.open({ by: 'dev', branch, title: branch }) };
}

/** Goes as far as the answers let it. True: to its end. */
async function live(
  { behind }: Scene,
  forge: Forge,
  { work, signal = new AbortController().signal }: { readonly work: Work; readonly signal?: AbortSignal },
): Promise<boolean> {
  const { base, branch, head, tested, number } = work;
  const git = { gitDir: behind.path };
  const order = { git, main: 'main', from: base, commit: tested, members: [{ branch, head, pullRequest: number }] };
  if ((await forge.prepare({ ...order, signal })).kind !== 'prepared') return false;
  if ((await forge.requiredChecks({ commit: tested, main: 'main', signal })).kind !== 'green') return false;
  const landed = await forge.land(order);
  // Whatever a landing answers: main has it, or is where it was.
  expect([base, tested]).toContain(behind.head('main'));
  if (landed.kind !== 'landed') return false;
  expect(behind.head('main')).toBe(tested);
  const finished = await forge.finish({ number, branch, commit: tested, main: 'main', signal });
  const commented = await forge.comment({ taskId: branch, pullRequest: number, text: 'landed', signal });
  const status = await forge.setStatus({ commit: tested, state: 'success', text: 'landed', signal });
  if (finished.kind !== 'merged' || commented.kind !== 'told' || status.kind !== 'told') return false;
  return (await forge.deleteBranch({ git, branch, main: 'main', expected: tested, signal })).kind === 'deleted';
}

async function expectEnded({ behind, people }: Scene, work: Work, moves: number): Promise<void> {
  const { branch, tested, number } = work;
  expect(behind.head('main')).toBe(tested);
  expect(behind.mainMoves().length).toBe(moves);
  expect(await people.stateOf(number)).toBe('merged');
  expect((await people.commentsOf(number)).map(({ text }) => text)).toEqual([expect.stringMatching(/landed$/)]);
  expect(behind.git('for-each-ref', `refs/heads/${branch}`, 'refs/gatehouse')).toBe('');
}
