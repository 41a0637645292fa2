/** One repository at a double of a forge, the real service before it, and what people do there and read at the end. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { until } from '../live-gatehouse.ts';
import { type Change, Forge, PROJECT, scratchFolder } from '../scratch-forge.ts';
import { type ForgeName, type ForgeSide, openForge } from './forge-side.ts';

export type End = 'merged' | 'open' | 'closed';

/** What a pull request of a life is to have become. */
interface Expected {
  readonly number: number;
  readonly branch: string;
  readonly end: End;
}

/** Tests of a branch with a file `hold-NAME` run until they may go on. */
const HELD = (desk: string): string =>
  [
    'for one in hold-*; do',
    '  [ -e "$one" ] || continue',
    `  : > "${desk}/$one.runs"`,
    `  until [ -e "${desk}/$one.may-go-on" ]; do sleep 0.1; done`,
    'done',
    'if [ -e broken ]; then echo "the file broken is there" >&2; exit 1; fi',
    '',
  ].join('\n');

export interface NewRepository {
  readonly forge: Forge;
  readonly desk: string;
}

/** A repository whose tests can be held. */
export async function newRepository(): Promise<NewRepository> {
  const desk = scratchFolder();
  return { forge: await Forge.make({ ...PROJECT, 'check.sh': HELD(desk) }), desk };
}

export class Life {
  readonly forge: Forge;
  readonly side: ForgeSide;
  /** What the tests themselves write. */
  readonly desk: string;
  readonly expected: Expected[] = [];
  readonly branches = new Set(['main']);
  readonly #held: string[] = [];

  private constructor(forge: Forge, side: ForgeSide, desk: string) {
    [this.forge, this.side, this.desk] = [forge, side, desk];
  }

  static async open(name: ForgeName, { forge, desk }: NewRepository): Promise<Life> {
    return new Life(forge, await openForge(name, forge), desk);
  }

  /** A branch with one commit on top of main, or of itself; gives its head. */
  async push(branch: string, change: Change, from = 'main'): Promise<string> {
    const head = this.forge.push({ branch, from, message: branch }, change);
    await this.side.notice();
    return head;
  }

  /** A pull request from a new branch; gives its number. */
  async pullRequest(branch: string, change: Change = { [`${branch}.txt`]: `${branch}\n` }): Promise<number> {
    await this.push(branch, change);
    return this.side.people.open({ by: 'dev', branch, title: `The change ${branch}` });
  }

  async labelled(branch: string, change?: Change): Promise<number> {
    const number = await this.pullRequest(branch, change);
    await this.side.people.label(number, 'gatehouse');
    return number;
  }

  /** Whatever became of a fate, its tests hold up no other one. */
  goOnAll(): void {
    for (const branch of this.#held) this.goOn(branch);
  }

  /** A pull request whose tests run until `goOn` of its name. */
  async held(branch: string, change: Change = {}): Promise<number> {
    const number = await this.labelled(branch, { [`${branch}.txt`]: `${branch}\n`, [`hold-${branch}`]: '', ...change });
    this.#held.push(branch);
    await this.runs(branch);
    return number;
  }

  runs(branch: string): Promise<unknown> {
    return until(`${branch} is tested`, async () => existsSync(join(this.desk, `hold-${branch}.runs`)));
  }

  goOn(branch: string): void {
    writeFileSync(join(this.desk, `hold-${branch}.may-go-on`), '');
  }

  write(number: number, by: string, text: string): Promise<number> {
    return this.side.people.write(number, { by, text });
  }

  /** Our comments at a pull request, as people read them. */
  async read(number: number): Promise<readonly string[]> {
    const all = await this.side.people.commentsOf(number);
    return all.filter(({ by }) => by === 'queue').map(({ text }) => asRead(text));
  }

  /** Waits until one of our comments says so; gives all of them. */
  told(number: number, words: string): Promise<string> {
    return until(`#${number} is told: ${words}`, async () => {
      const all = await this.read(number);
      return all.some((text) => text.includes(words)) && all.join('\n\n=====\n\n');
    });
  }

  /** Waits for the pull request to be so, and remembers that it is to stay so. */
  async ends(number: number, branch: string, end: End): Promise<void> {
    await until(`#${number} is ${end}`, async () => (await this.side.people.stateOf(number)) === end);
    this.expected.push({ number, branch, end });
  }

  async landed(number: number, branch: string): Promise<string> {
    await this.ends(number, branch, 'merged');
    await until(`${branch} is gone`, async () => !this.heads().includes(branch));
    return this.told(number, 'landed on');
  }

  /** The checks of the forge are green for whatever is at its branch, until it has landed. */
  async checked(number: number, branch: string): Promise<void> {
    let seen = '';
    await until(`#${number} is merged`, async () => {
      const head = this.heads().includes(branch) ? this.forge.head(branch) : seen;
      if (head !== seen) await this.side.people.report(head, 'ci', 'success');
      seen = head;
      return (await this.side.people.stateOf(number)) === 'merged';
    });
    await this.landed(number, branch);
  }

  /** The last status of ours at a commit, in words. */
  async status(commit: string): Promise<string> {
    const all = await this.side.people.statusesOf(commit);
    const ours = all.filter(({ context }) => context === 'gatehouse');
    return ours.map(({ state, text }) => asRead(`${state}: ${text}`)).join('\n');
  }

  heads(): readonly string[] {
    return this.forge.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n');
  }

  /** At the end: each landed change is in main once and the others are not, and nothing is left that has no reason to be. */
  async expectAllInOrder(): Promise<void> {
    const subjects = this.forge.git('log', '--format=%s', 'main').split('\n');
    const open: number[] = [];
    const branches = new Set(this.branches);
    for (const { number, branch, end } of this.expected) {
      const times = subjects.filter((subject) => subject === branch).length;
      expect([branch, times]).toEqual([branch, end === 'merged' ? 1 : 0]);
      expect([number, await this.side.people.stateOf(number)]).toEqual([number, end]);
      if (end === 'open') open.push(number);
      if (end === 'open') branches.add(branch);
    }
    expect(this.side.open().toSorted((one, other) => one - other)).toEqual(open.toSorted((one, other) => one - other));
    expect([...this.heads()].sort()).toEqual([...branches].sort());
    expect(this.side.violations()).toEqual([]);
    const moves = this.forge.mainMoves();
    for (const [at, to] of moves.entries())
      if (at > 0) expect(this.forge.git('merge-base', moves[at - 1] ?? '', to)).toBe(moves[at - 1]);
  }
}

/** As people read it: markers are not shown, and names of commits and tasks are different each time. */
export const asRead = (text: string): string =>
  text
    .replace(/<!--.*?-->\n*/gs, '')
    .replace(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replace(/\b[0-9a-f]{12}\b/g, 'COMMIT')
    .replace(/\bt-[0-9a-f]{8}\b/g, 'TASK');
