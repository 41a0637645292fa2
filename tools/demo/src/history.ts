/** The demo's commits as a `git fast-import` stream: exact bytes, fixed authors, growing times. */
import type { Files } from './project.ts';
import type { Commit, Scenario } from './scenarios.ts';

const AUTHOR = 'A. Author <author@example.invalid>';

interface Entry {
  readonly ref: string;
  readonly mark: number;
  readonly parent: number | null;
  readonly at: number;
  readonly commit: Commit;
}

/** Main's two commits, then every scenario's branch cut from the one it names. */
export function historyStream(
  main: readonly [Commit, Commit],
  branches: readonly Scenario[],
  atSeconds: number,
): Buffer {
  const entries: Entry[] = [
    { ref: 'refs/heads/main', mark: 1, parent: null, at: atSeconds, commit: main[0] },
    { ref: 'refs/heads/main', mark: 2, parent: 1, at: atSeconds + 60, commit: main[1] },
  ];
  let mark = 2;
  for (const branch of branches) {
    let parent = branch.from === 'first' ? 1 : 2;
    for (const commit of branch.commits) {
      mark += 1;
      entries.push({ ref: `refs/heads/${branch.branch}`, mark, parent, at: atSeconds + 60 * mark, commit });
      parent = mark;
    }
  }
  return Buffer.concat(entries.map(record));
}

function record({ ref, mark, parent, at, commit }: Entry): Buffer {
  const parts: (string | Buffer)[] = [
    `commit ${ref}\nmark :${mark}\nauthor ${AUTHOR} ${at} +0000\ncommitter ${AUTHOR} ${at} +0000\n`,
    data(commit.message),
  ];
  if (parent !== null) parts.push(`from :${parent}\n`);
  for (const [path, text] of Object.entries<Files[string]>(commit.files)) {
    if (text === null) parts.push(`D ${path}\n`);
    else parts.push(`M 100644 inline ${path}\n`, data(text));
  }
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function data(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}
