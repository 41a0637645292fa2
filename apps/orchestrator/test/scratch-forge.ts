/** Real repositories for the tests of the service: a bare forge made from a stream, and pushes to it as a person would make them. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importHistory } from '@gatehouse/git';
import { afterAll } from '@jest/globals';

const made: string[] = [];
afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

/** A fresh directory, removed when the test file ends. */
export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'orchestrator-test-'));
  made.push(path);
  return path;
}

/** Text by path; null deletes. */
export type Change = Readonly<Record<string, string | null>>;

export interface Push {
  readonly branch: string;
  /** Branch or commit it starts from. [the branch itself] */
  readonly from?: string;
  readonly message?: string;
}

const ENV = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
const WHO = 'A. Author <author@example.invalid>';
let clock = 1_790_000_000;

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

function commitRecord({ branch, from, message = 'a change' }: Push, change: Change): string {
  clock += 60;
  const files = Object.entries(change).map(([path, text]) =>
    text === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(text)}`,
  );
  return [
    `commit refs/heads/${branch}\nauthor ${WHO} ${clock} +0000\ncommitter ${WHO} ${clock} +0000\n`,
    data(message),
    ...(from === undefined ? [] : [`from ${from}\n`]),
    ...files,
  ].join('');
}

/** A bare repository. */
export class Forge {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** A new repository whose main holds one commit with `files`. */
  static async make(files: Change, folder: string = scratchFolder()): Promise<Forge> {
    const path = join(folder, 'forge.git');
    const stream = Buffer.from(commitRecord({ branch: 'main', message: 'the beginning' }, files));
    const imported = await importHistory({ dir: path, main: 'main', stream });
    if (imported.kind !== 'imported') throw new Error(JSON.stringify(imported));
    return new Forge(path);
  }

  /** The same repository once more, elsewhere: cheaper than to make it again. */
  copy(): Forge {
    const path = join(scratchFolder(), 'forge.git');
    cpSync(this.path, path, { recursive: true });
    return new Forge(path);
  }

  static at(path: string): Forge {
    return new Forge(path);
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.path, env: ENV, encoding: 'utf8' }).trim();
  }

  /** One commit on top of the branch (or of `from`); gives its sha. */
  push(push: Push, change: Change): string {
    const parent = push.from ?? push.branch;
    const isBranch = existsSync(join(this.path, 'refs/heads', parent));
    const from = isBranch ? this.head(parent) : this.git('rev-parse', '--verify', `${parent}^{commit}`);
    const input = commitRecord({ ...push, from }, change);
    execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: this.path, env: ENV, input });
    return this.head(push.branch);
  }

  /** A branch lies in a file of its own until git packs it: reading it needs no process. */
  head(branch: string): string {
    const loose = join(this.path, 'refs/heads', branch);
    if (existsSync(loose)) return readFileSync(loose, 'utf8').trim();
    return this.git('rev-parse', '--verify', `refs/heads/${branch}`);
  }

  deleteBranch(branch: string): void {
    this.git('update-ref', '-d', `refs/heads/${branch}`);
  }

  /** Where main has been, oldest first. */
  mainMoves(): string[] {
    return this.git('reflog', 'show', '--format=%H', 'main').split('\n').reverse();
  }
}

/** A project tested by a shell script: red when a file named `broken` is there; half of it covered when `untested` is. */
export const PROJECT: Change = {
  'README.md': 'a project\n',
  'check.sh': 'if [ -e broken ]; then echo "the file broken is there" >&2; exit 1; fi\n',
  'cover.sh': [
    'mkdir -p coverage',
    'printf "SF:check.sh\\nDA:1,1\\nDA:2,1\\nend_of_record\\n" > coverage/lcov.info',
    'if [ -e untested ]; then printf "SF:cover.sh\\nDA:1,0\\nDA:2,0\\nDA:3,0\\nend_of_record\\n" >> coverage/lcov.info; fi',
    '',
  ].join('\n'),
  'gatehouse.yaml': [
    'version: 1',
    'test: { command: sh check.sh, timeout: 60s }',
    'coverage: { command: sh cover.sh, report: coverage/lcov.info, mode: baseline, timeout: 60s }',
    '',
  ].join('\n'),
};
