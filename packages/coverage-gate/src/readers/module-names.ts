/**
 * Names of files in a report of several modules (JaCoCo's groups, which nest). Two modules may have a file of the same package and
 * name; those are two files. A name says its modules only where it must: alone it is the shorter one a checkout knows.
 */
import type { LineSet } from './report-lines.ts';

export class ModuleNames {
  /** The groups that are open, outermost first. */
  readonly #open: string[] = [];
  /** Name with its modules → name without. */
  readonly #plain = new Map<string, string>();

  enter(module: string): void {
    this.#open.push(module);
  }

  leave(): void {
    this.#open.pop();
  }

  /** What a file of the innermost module is called until the report has ended. */
  nameOf(plain: string): string {
    if (this.#open.length === 0) return plain;
    const full = [...this.#open, plain].join('/');
    this.#plain.set(full, plain);
    return full;
  }

  /** Takes the modules off every name that only one file has without them. The order of the files stays. */
  shorten(files: Map<string, LineSet>): void {
    if (this.#plain.size === 0) return;
    const uses = new Map<string, number>();
    for (const name of files.keys()) {
      const plain = this.#plain.get(name) ?? name;
      uses.set(plain, (uses.get(plain) ?? 0) + 1);
    }
    const all = new Map(files);
    files.clear();
    for (const [name, set] of all) {
      const plain = this.#plain.get(name) ?? name;
      files.set(uses.get(plain) === 1 && !all.has(plain) ? plain : name, set);
    }
  }
}
