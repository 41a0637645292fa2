/**
 * Names of files in a report of several modules (JaCoCo's groups, which nest). Two modules may have a file of the same package and
 * name; those are two files. A name says its modules only where it must: alone it is the shorter one a checkout knows.
 */
import { FileLines } from './file-lines.ts';
import type { ModuleFile, ReportLines } from './report-lines.ts';

export class ModuleNames {
  /** The groups that are open, outermost first. */
  readonly #open: string[] = [];
  /** By name with its modules. */
  readonly #files = new Map<string, ModuleFile>();

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
    if (!this.#files.has(full)) this.#files.set(full, { modules: [...this.#open], plain });
    return full;
  }

  /** Takes the modules off every name that only one file has without them, and says which they were. The order stays. */
  shorten(lines: ReportLines): void {
    if (this.#files.size === 0) return;
    const { files, modules } = lines;
    const plainOf = (name: string): string => this.#files.get(name)?.plain ?? name;
    const uses = new Map<string, number>();
    for (const name of files.keys()) uses.set(plainOf(name), (uses.get(plainOf(name)) ?? 0) + 1);
    lines.files = new FileLines();
    for (const [name, set] of files) {
      const plain = plainOf(name);
      const known = uses.get(plain) === 1 && !files.has(plain) ? plain : name;
      const file = this.#files.get(name);
      lines.files.add(known, set);
      if (file !== undefined) modules.set(known, file);
    }
  }
}
