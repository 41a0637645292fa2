/** A bare repository with commits made from plain objects, and a slot beside it; gone after the test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A file's text, or `{ link }` for a symbolic link. */
export type Content = string | { readonly link: string };

export class ScratchRepo {
  readonly root: string = realpathSync(mkdtempSync(join(tmpdir(), 'coverage-gate-')));
  readonly gitDir: string = join(this.root, 'repo.git');
  readonly slotDir: string = join(this.root, 'slot');
  readonly #work: string = join(this.root, 'work');

  constructor() {
    mkdirSync(this.#work);
    execFileSync('git', ['init', '-q', '--bare', this.gitDir]);
  }

  /** Commits exactly these files and answers the commit. */
  commit(files: Readonly<Record<string, Content>>): string {
    rmSync(this.#work, { recursive: true, force: true });
    mkdirSync(this.#work);
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.#work, path);
      mkdirSync(dirname(file), { recursive: true });
      if (typeof content === 'string') writeFileSync(file, content);
      else symlinkSync(content.link, file);
    }
    this.#git(['add', '-A', '-f']);
    this.#git(['commit', '-q', '--allow-empty', '-m', 'a change']);
    return this.#git(['rev-parse', 'HEAD']).trim();
  }

  treeOf(commit: string): string {
    return this.#git(['rev-parse', `${commit}^{tree}`]).trim();
  }

  parentOf(commit: string): string {
    return this.#git(['rev-parse', `${commit}^`]).trim();
  }

  /** The next commit is made on top of this one. */
  moveTo(commit: string): void {
    this.#git(['update-ref', 'HEAD', commit]);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #git(args: readonly string[]): string {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
    const place = [`--git-dir=${this.gitDir}`, `--work-tree=${this.#work}`, '-c', 'core.bare=false'];
    return execFileSync('git', [...who, ...place, ...args], { encoding: 'utf8' });
  }
}
