/** Many branches of one base in a bare repository, written by one process, with links, submodules and bytes that are no text. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareDefinitions } from '../src/gate-definition/compare.ts';
import type { ChangedDefinition } from '../src/gate-definition/finding.ts';
import { openGitFiles } from '../src/gate-definition/git-files.ts';

/** A text, bytes, a link to a path, a submodule; null deletes. */
export type Planted = string | Buffer | { readonly link: string } | 'submodule' | null;
export type PlantedFiles = Readonly<Record<string, Planted>>;

export interface Judged {
  /** `path name` of each change that stops. */
  readonly stops: readonly string[];
  /** The same of each that is told. */
  readonly tells: readonly string[];
}

export class PlantedBranches {
  readonly root: string = mkdtempSync(join(tmpdir(), 'planted-branches-'));
  readonly #git: string = join(this.root, 'repo.git');
  readonly #base: string;
  readonly #heads = new Map<string, string>();

  constructor(base: PlantedFiles, branches: ReadonlyMap<string, PlantedFiles>) {
    this.run('init', '--quiet', '--bare', '--template=', '--initial-branch=main', this.#git);
    const names = ['main', ...[...branches.keys()].map((_, at) => `b${at}`)];
    const commits = [base, ...branches.values()].map((files, at) => commitOf(names[at] ?? '', files, at > 0));
    this.run('--git-dir', this.#git, 'fast-import', '--quiet', '--force', Buffer.concat(commits));
    const refs = this.run('--git-dir', this.#git, 'for-each-ref', '--format=%(refname:short) %(objectname)');
    const oids = new Map(refs.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
    this.#base = oids.get('main') ?? '';
    for (const [at, title] of [...branches.keys()].entries()) this.#heads.set(title, oids.get(`b${at}`) ?? '');
  }

  /** What the gate says of a branch under the given commands. */
  async judge(branch: string, ...commands: readonly string[]): Promise<Judged> {
    const { signal } = new AbortController();
    const repo = { gitDir: this.#git };
    const tested = this.#heads.get(branch) ?? '';
    const files = await openGitFiles({ repo, base: this.#base, tested, timeoutMs: 30_000, signal });
    if ('kind' in files) throw new Error(files.reason);
    const { changes, touched } = await compareDefinitions(commands, files);
    if (files.fault !== null) throw new Error(files.fault.reason);
    return { stops: changes.map(said), tells: touched.map(said) };
  }

  run(...args: readonly (string | Buffer)[]): string {
    const input = args.find((arg): arg is Buffer => Buffer.isBuffer(arg));
    const words = args.filter((arg): arg is string => typeof arg === 'string');
    return execFileSync('git', words, { encoding: 'utf8', ...(input === undefined ? {} : { input }) }).trim();
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const said = ({ path, name }: ChangedDefinition): string => `${path} ${name}`.trim();

const SOMEBODY = 'committer Ann <ann@example.org> 1700000000 +0000\ndata 1\nx\n';
const NO_COMMIT = '1234567890123456789012345678901234567890';

function commitOf(name: string, files: PlantedFiles, onMain: boolean): Buffer {
  const changes = Object.entries(files).map(([path, planted]) => {
    if (planted === null) return Buffer.from(`D ${JSON.stringify(path)}\n`);
    if (planted === 'submodule') return Buffer.from(`M 160000 ${NO_COMMIT} ${JSON.stringify(path)}\n`);
    const isLink = typeof planted === 'object' && !Buffer.isBuffer(planted);
    const bytes = Buffer.from(isLink ? planted.link : planted);
    const head = `M ${isLink ? '120000' : '100644'} inline ${JSON.stringify(path)}\ndata ${bytes.length}\n`;
    return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\n')]);
  });
  const from = onMain ? 'from refs/heads/main\n' : '';
  return Buffer.concat([Buffer.from(`commit refs/heads/${name}\n${SOMEBODY}${from}`), ...changes, Buffer.from('\n')]);
}
