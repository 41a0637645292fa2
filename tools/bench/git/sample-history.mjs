/** A repository of 20,000 files with branches of three commits each, as a `git fast-import` stream. */

export const FILES = 20_000;
export const BRANCHES = 16;
export const COMMITS = 3;

const pathOf = (file) => `d${file % 20}/s${Math.floor(file / 20) % 20}/f${file}`;
const textOf = (file, note) =>
  `file ${file}\n${Array.from({ length: 20 }, (_, line) => `line ${line} of ${file}\n`).join('')}${note}\n`;

export function sampleHistory() {
  const parts = [];
  let mark = 0;
  const commit = (ref, from, files) => {
    mark += 1;
    parts.push(
      `commit ${ref}\nmark :${mark}\nauthor Ada <ada@example.test> 1700000000 +0000\n`,
      `committer Ada <ada@example.test> ${1_700_000_000 + mark} +0000\ndata 7\nchange\n`,
      from === null ? '' : `from :${from}\n`,
    );
    for (const [path, text] of files) parts.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
    parts.push('\n');
    return mark;
  };
  const whole = Array.from({ length: FILES }, (_, file) => [pathOf(file), textOf(file, '')]);
  const root = commit('refs/heads/main', null, [['.gitattributes', '* text=auto\n'], ...whole]);
  for (let branch = 0; branch < BRANCHES; branch += 1) {
    let tip = root;
    for (let step = 0; step < COMMITS; step += 1) {
      const file = branch * 100 + step;
      tip = commit(`refs/heads/side-${branch}`, tip, [
        [pathOf(file), textOf(file, `side ${branch}`)],
        [`d${branch}/new-${step}`, textOf(file, 'new')],
      ]);
    }
  }
  let tip = root;
  for (let step = 0; step < 5; step += 1)
    tip = commit('refs/heads/main', tip, [[pathOf(10_000 + step), textOf(10_000 + step, `main ${step}`)]]);
  return Buffer.from(parts.join(''));
}
