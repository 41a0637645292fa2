/** The lines of code that findings are about, from the commit they were found in, secrets masked. */
import { readBlob } from '@gatehouse/git';
import type { Finding } from '@gatehouse/verdict';
import { maskTexts } from '../../platform/mask-text.ts';
import type { GateRun, Repository } from '../../store/port/index.ts';
import type { ReadsBoard } from './read-queue.ts';

export interface Excerpt {
  readonly firstLine: number;
  readonly lines: readonly string[];
  /** The lines that are meant. */
  readonly from: number;
  readonly to: number;
}

/** So many are read for one page; a file is read to so many bytes, a line is shown to so many characters. */
const [EXCERPTS, FILE_BYTES, LINE_CHARS] = [24, 1 << 20, 300];
const AROUND = 3;
const LONGEST_RANGE = 30;

type Excerpts = ReadonlyMap<number, ReadonlyMap<number, Excerpt>>;

/** By the verdict's id and the place of the finding in it; those of the newest verdicts. */
export async function readExcerpts(
  { mirrors }: ReadsBoard,
  repo: Repository,
  runs: readonly GateRun[],
): Promise<Excerpts> {
  const git = { gitDir: mirrors.directory(repo.id) };
  const files = new Map<string, readonly string[]>();
  const linesOf = async (commit: string, path: string): Promise<readonly string[]> => {
    const key = `${commit} ${path}`;
    const known = files.get(key);
    if (known !== undefined) return known;
    const blob = await readBlob({ repo: git, commit, path, maxBytes: FILE_BYTES });
    const lines = blob.kind === 'found' ? Buffer.from(blob.bytes).toString('utf8').split('\n') : [];
    files.set(key, lines);
    return lines;
  };
  const wanted = runs
    .flatMap((run) => run.findings.map((finding, at) => ({ run, finding, at, commit: commitOf(run, finding) })))
    .toReversed()
    .filter(({ finding, commit }) => finding.path !== undefined && finding.line !== undefined && commit !== null)
    .slice(0, EXCERPTS);
  const found: { run: number; at: number; excerpt: Excerpt }[] = [];
  for (const { run, finding, at, commit } of wanted) {
    const excerpt = cut(await linesOf(commit ?? '', finding.path ?? ''), finding);
    if (excerpt !== null) found.push({ run: run.id, at, excerpt });
  }
  return byRun(found, await maskTexts(found.map(({ excerpt }) => excerpt.lines.join('\n'))));
}

const commitOf = (run: GateRun, { commit }: Finding): string | null => {
  const sha = commit ?? run.testedSha ?? run.headSha;
  return sha !== null && /^[0-9a-f]{40}$/.test(sha) ? sha : null;
};

/** Null: the file has no such line. */
function cut(lines: readonly string[], { line = 0, message }: Finding): Excerpt | null {
  if (line < 1 || line > lines.length) return null;
  const last = Number(/^Lines \d+ to (\d+)/.exec(message)?.[1] ?? line);
  const to = Math.min(Math.max(line, last), line + LONGEST_RANGE, lines.length);
  const firstLine = Math.max(1, line - AROUND);
  const shown = lines.slice(firstLine - 1, to + AROUND).map((text) => text.slice(0, LINE_CHARS));
  return { firstLine, lines: shown, from: line, to };
}

function byRun(found: readonly { run: number; at: number; excerpt: Excerpt }[], masked: readonly string[]): Excerpts {
  const all = new Map<number, Map<number, Excerpt>>();
  for (const [index, { run, at, excerpt }] of found.entries()) {
    const ofRun = all.get(run) ?? new Map<number, Excerpt>();
    all.set(run, ofRun.set(at, { ...excerpt, lines: (masked[index] ?? '').split('\n') }));
  }
  return all;
}
