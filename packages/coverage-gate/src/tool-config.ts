/** Which files configure a measurement, and what of them: a bumped dependency is no concern, an exclusion is. */
import { parseJson } from './adapters/json-text.ts';

/** Files that configure nothing but tests and their coverage. */
const WHOLE = named(
  '\\.nycrc(?:\\.\\w+)?',
  'nyc\\.config\\.\\w+',
  '\\.c8rc(?:\\.\\w+)?',
  '\\.taprc',
  '\\.?mocharc(?:\\.\\w+)?',
  'mcr\\.config\\.\\w+',
  '(?:jest|vite|vitest|karma|monocart|ava|jasmine|wtr|web-test-runner|cypress|playwright|codecept)(?:\\.[\\w-]+)*\\.config\\.\\w+',
  'vitest\\.workspace\\.\\w+',
  '\\.babelrc(?:\\.\\w+)?',
  '\\.coveragerc(?:\\.\\w+)?',
  '\\.?pytest\\.(?:ini|toml)',
  '(?:site|user)customize\\.py',
  '\\.simplecov',
  '\\.undercover',
  '\\.?lcovrc',
  'gcovr\\.(?:cfg|toml)',
  '\\.?codecov\\.ya?ml',
  '\\.coveralls\\.yml',
  '[\\w.-]*\\.runsettings',
  'coverlet\\.\\w+',
  'phpunit(?:\\.dist)?\\.xml(?:\\.dist)?',
  '\\.?tarpaulin\\.toml',
  'llvm-cov\\.toml',
  'nextest\\.toml',
  '\\.?testcoverage\\.ya?ml',
  'sonar-project\\.properties',
  '\\.slather\\.yml',
  'lombok\\.config',
  '\\.bisect_ppx',
  'coveralls\\.json',
);

/** Files that say more, of which the part named by these words counts: a section by its head, a line by itself. */
const SECTIONS =
  /^(?:setup\.cfg|tox\.(?:ini|toml)|pyproject\.toml|Cargo\.toml|bunfig\.toml|dart_test\.yaml|config\.toml)$/i;
const LINES =
  /^(?:pom\.xml|build\.gradle(?:\.kts)?|build\.sbt|mix\.exs|CMakeLists\.txt|Directory\.Build\.(?:props|targets)|[\w.-]+\.csproj|Package\.swift|noxfile\.py|conftest\.py|(?:spec|test|rails)_helper\.rb|\.rspec)$/i;
const MANIFEST = /^(?:package|composer|deno)\.jsonc?$/i;
const OF_MEASURING =
  /cover|cov\b|pytest|testenv|test|jacoco|kover|scoverage|exclu|omit|tarpaulin|nextest|simplecov|gcov|exclude|instrument/i;
const KEYS = ['scripts', 'jest', 'nyc', 'c8', 'vitest', 'ava', 'mocha', 'tap', 'monocart', 'babel', 'tasks', 'test'];

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether any change of the file is one of the measurement. */
export const isToolConfig = (path: string): boolean => WHOLE.test(nameOf(path));

/** What of a file concerns the measurement, to be compared with base; null: the file never does. */
export function measuringPart(path: string): ((text: string) => string) | null {
  const name = nameOf(path);
  if (MANIFEST.test(name)) return manifestPart;
  if (SECTIONS.test(name)) return sectionPart;
  if (LINES.test(name)) return linePart;
  return null;
}

function manifestPart(text: string): string {
  const manifest = parseJson(text);
  if (typeof manifest !== 'object' || manifest === null) return '';
  const fields = manifest as Readonly<Record<string, unknown>>;
  return JSON.stringify(KEYS.map((key) => fields[key] ?? null));
}

/** Sections of an INI or TOML file whose head names tests or coverage, without comments and blanks. */
function sectionPart(text: string): string {
  let isInside = false;
  const kept: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (/^\[.*\]/.test(line) || /^\w[\w-]*:\s*$/.test(line))
      isInside = OF_MEASURING.test(line) || /^\[run\]|^\[report\]/.test(line);
    if (isInside && line !== '' && !line.startsWith('#') && !line.startsWith(';')) kept.push(line);
  }
  return kept.join('\n');
}

/** Lines that name coverage or an exclusion, with what they stand next to. */
function linePart(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const near = new Set<number>();
  for (const [at, line] of lines.entries()) {
    if (/cover|jacoco|kover|simplecov|gcov|exclu|omit|instrument/i.test(line))
      for (let by = -1; by <= 3; by++) near.add(at + by);
  }
  return lines.filter((line, at) => near.has(at) && line !== '').join('\n');
}

function named(...patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${patterns.join('|')})$`, 'i');
}
