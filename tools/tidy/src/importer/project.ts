/**
 * An empty project that installs the packages from the tarballs a registry would get, without a network: what they depend on is packed
 * from the checkout's own installation.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT: string = join(import.meta.dirname, '../../../..');
const PACKAGES: string = join(ROOT, 'packages');
const BIN: string = join(ROOT, 'node_modules/.bin');

/** The folder names of the public packages. */
export const NAMES: readonly string[] = readdirSync(PACKAGES);

export interface Ended {
  readonly status: number | null;
  /** Both streams. */
  readonly said: string;
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestIn = (dir: string): Manifest => JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));

/** A project in `dir`, which is made and belongs to it; `remove` removes it. What fails on the way is thrown with the words of the tool. */
export class ImporterProject {
  readonly dir: string;
  readonly #tarballs: string;

  constructor(dir: string) {
    this.dir = dir;
    this.#tarballs = join(dir, 'tarballs');
    mkdirSync(this.#tarballs, { recursive: true });
    writeFileSync(join(dir, 'package.json'), '{ "name": "importer", "private": true, "type": "module" }\n');
  }

  /** The tarballs of all packages by name, as the command that the pages name makes and prints them. */
  pack(): ReadonlyMap<string, string> {
    const args = [join(ROOT, 'tools/pack-packages.mjs'), ...NAMES, '--out', this.#tarballs];
    const files = demand(process.execPath, args, this.dir)
      .split(/\s+/)
      .filter((word) => word.endsWith('.tgz'));
    return new Map(files.map((file) => [/gatehouse-([a-z-]+)-/.exec(basename(file))?.[1] ?? '', file]));
  }

  /** Installs tarballs of ours, with everything they depend on, and the types of Node. */
  install(tarballs: readonly string[]): void {
    const others = [...foreignPackages()].map(([dir, { name, version }]) =>
      this.tar(dir, `${name.replace(/\W/g, '-')}-${version}.tgz`),
    );
    const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    demand('npm', ['install', ...quiet, '--cache', join(this.dir, 'cache'), ...tarballs, ...others], this.dir);
  }

  /** Of an installed package. */
  manifestOf(name: string): Manifest {
    return manifestIn(join(this.dir, 'node_modules', name));
  }

  /** Packs a directory, of the project where it is relative, as a package. */
  tar(dir: string, name: string): string {
    const file = join(this.#tarballs, name);
    const from = ['--exclude=./node_modules', '--transform=s,^\\.,package,', '-C', dir, '.'];
    demand('tar', ['-czf', file, ...from], this.dir);
    return file;
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.dir, path), text);
  }

  /** Runs a program of the project's, or of the checkout's, in the project. */
  run(program: 'node' | 'tsc', ...args: readonly string[]): Ended {
    return run(program === 'node' ? process.execPath : join(BIN, program), args, this.dir);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}

/** Directories of what the packages depend on besides each other. */
function foreignPackages(): ReadonlyMap<string, Manifest> {
  const found = new Map<string, Manifest>();
  const visit = (dir: string, names: readonly string[]): void => {
    for (const name of names) {
      const at = [
        join(dir, 'node_modules', name),
        join(dir.slice(0, dir.lastIndexOf('/node_modules/')), 'node_modules', name),
      ];
      const real = realpathSync(at.find((path) => existsSync(path)) ?? join(dir, 'node_modules', name));
      if (found.has(real)) continue;
      found.set(real, manifestIn(real));
      visit(real, Object.keys(manifestIn(real).dependencies ?? {}));
    }
  };
  for (const name of NAMES)
    visit(join(PACKAGES, name), Object.keys(manifestIn(join(PACKAGES, name)).dependencies ?? {}));
  visit(ROOT, ['@types/node']);
  return new Map([...found].filter(([, { name }]) => !name.startsWith('@gatehouse/')));
}

function run(program: string, args: readonly string[], cwd: string): Ended {
  // What an example leaves in TMPDIR goes with the project.
  const env = { ...process.env, PATH: `${BIN}:${process.env['PATH']}`, TMPDIR: cwd };
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}${error?.message ?? ''}` };
}

/** What the program said; thrown where it failed. */
function demand(program: string, args: readonly string[], cwd: string): string {
  const { status, said } = run(program, args, cwd);
  if (status !== 0) throw new Error(`${program} ${args[0]} in ${cwd} ended with ${status}: ${said}`);
  return said;
}
