/**
 * node:test counts a file that reports no test as one test that passed, under the file's own name. A file that declares tests
 * and is named so was ended from inside, with status 0, before it reported any of them: what was counted is not the suite.
 */
import { readPlainText } from './adapters/report-files.ts';

const NAMED_BY_FILE = /^(?:ok \d+ - |✔ )(\S+\.[cm]?[jt]sx?)(?: \([\d.]+ms\)| # time=.*)?$/gm;
const USES_NODE_TEST = /['"]node:test['"]/;
/** At the beginning of a statement of the file itself: what stands inside a function may never be called. */
const DECLARES = /(?:^|;[ \t]*)(?:await +)?(?:test|it|describe|suite)\(/m;
const MAX_FILES = 100;
const MAX_BYTES = 1_048_576;

/** The first such file, by its path in the slot; null: there is none. `said` has paths into the slot as relative ones. */
export async function findSilentFile(slotDir: string, said: string): Promise<string | null> {
  const named = new Set(Array.from(said.matchAll(NAMED_BY_FILE), ([, path = '']) => path));
  for (const path of [...named].slice(0, MAX_FILES)) {
    if (path.startsWith('/') || path.split('/').includes('..')) continue;
    const text = await readPlainText(slotDir, path, MAX_BYTES);
    if (text !== null && USES_NODE_TEST.test(text) && DECLARES.test(text)) return path;
  }
  return null;
}
