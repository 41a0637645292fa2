/** What a package costs somebody who installs it: counted from the installation, and the time to import measured. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ImporterProject } from './project.ts';

export interface Costs {
  /** Packages that are installed with it. */
  readonly with: readonly string[];
  /** Its tarball, in bytes. */
  readonly packed: number;
  /** Its files, in bytes. */
  readonly unpacked: number;
  /** Its files and those of `with`, in bytes. */
  readonly installed: number;
}

/** Of a package of ours that is installed in the project; `tarball` is the file it came from. */
export function costsOf(project: ImporterProject, name: string, tarball: string): Costs {
  const modules = join(project.dir, 'node_modules');
  const others = dependenciesOf(project, name);
  const unpacked = bytesIn(join(modules, '@gatehouse', name));
  const installed = others.reduce((sum, other) => sum + bytesIn(join(modules, other)), unpacked);
  return { with: others, packed: lstatSync(tarball).size, unpacked, installed };
}

/** All that is installed for a package, in order of name. */
function dependenciesOf(project: ImporterProject, name: string): string[] {
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const other of Object.keys(project.manifestOf(one).dependencies ?? {})) {
      if (found.has(other)) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(`@gatehouse/${name}`);
  return [...found].sort();
}

function bytesIn(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}

/** Milliseconds of processor time that an import takes, all threads together: the least of a few, each in a process of its own. */
export function importMs(project: ImporterProject, name: string): number {
  const code = `const before = process.cpuUsage(); await import('@gatehouse/${name}');
    const { user, system } = process.cpuUsage(before); console.log((user + system) / 1000);`;
  const times = Array.from({ length: 5 }, () => Number(project.run('node', '--input-type=module', '-e', code).said));
  return Math.min(...times);
}

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;

/** The row of the README. */
export function costRow(costs: Costs, ms: number): string {
  const others = costs.with.length === 0 ? 'nothing' : costs.with.map((name) => `\`${name}\``).join(', ');
  const bytes = [costs.packed, costs.unpacked, costs.installed].map(kB);
  return `| ${others} | ${bytes.join(' | ')} | ${Math.round(ms)} ms of CPU |`;
}

const HEAD = [
  '| comes with | packed | unpacked | installed with all it needs | import, Node 26 |',
  '|---|---|---|---|---|',
];

/** The table of the README. */
export const costTable = (costs: Costs, ms: number): string => [...HEAD, costRow(costs, ms)].join('\n');

/** What a README says, or null where it has no such table. Bytes are as exact as the page is. */
export function saidCosts(readme: string): Costs | null {
  const row = readme.split(`${HEAD[1]}\n`)[1]?.split('\n')[0] ?? '';
  const [others = '', ...figures] = row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  const [packed = Number.NaN, unpacked = Number.NaN, installed = Number.NaN] = figures.map(
    (text) => 1000 * Number.parseFloat(text),
  );
  if (Number.isNaN(installed)) return null;
  return { with: [...others.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name), packed, unpacked, installed };
}

/** The page with its table replaced, or put where `COSTS` stands. */
export function withCosts(readme: string, table: string): string {
  const [head = '', line = ''] = HEAD;
  const start = readme.indexOf(`${head}\n${line}\n`);
  if (start < 0) return readme.replace(/^COSTS$/m, table);
  const end = readme.indexOf('\n', start + head.length + line.length + 2);
  return `${readme.slice(0, start)}${table}${readme.slice(end)}`;
}
