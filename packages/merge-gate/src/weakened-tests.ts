/**
 * What a branch's own text says about its tests: declarations taken out, marks that pass tests over or expect them to fail put
 * in, or a call that ends the process. Where main's count is not known it is worth one run of main; where nothing is counted,
 * or a runner counts as passed what is expected to fail, it is all there is, and is told.
 */
import { type ChangedEntry, type GitRepo, readObjects } from '@gatehouse/git';

const SOURCE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|scala|cs|rb|php|pl|pm|ex|exs|bats|t)$/;
const NAMED_AS_TEST =
  /(?:^|\/)(?:tests?|spec|__tests__)\/|(?:^|[/._-])(?:test|spec)s?[._-]|[._-](?:test|spec)s?\.\w+$/i;
const DECLARES =
  /^[ \t]*(?:(?:await +)?(?:test|it|specify|Deno\.test)(?:\.each\b.*?)?[ (]|(?:async +)?def +test|func +(?:Test(?!Main\()|Fuzz)\w*\(|#\[(?:\w+::)?test\b|@(?:Parameterized)?Test\b|\[(?:Test|Fact|Theory)\b|(?:public +)?function +test|@test\b)|;[ \t]*(?:test|it)\(/gm;
const PASSES_OVER =
  /\b(?:test|it|describe|suite|context|t)\.(?:only|skip|todo|fixme|skipIf|runIf)\b|\b[xf](?:it|test|describe|specify|context|example)\b|\b(?:skip|todo): *(?:true|['"`])|\bmark\.(?:skip|xfail)|\bpytest\.(?:skip|xfail|importorskip)\(|\bunittest\.(?:skip|expectedFailure)|\b(?:skipTest|SkipTest)\(|\bflag\.Set\("test\.|\.Skip(?:Now|f)?\(|#!?\[(?:ignore|cfg\(any\(\)\))|\bcfg_attr\(.*?ignore|@(?:[\w.]+\.)?(?:Disabled\w*|EnabledIf\w*|Ignore)\b|\benabled *= *false|\[Ignore\b|\bassume(?:True|False|That)\(|\bSkip *= *"|\bmarkTest(?:Skipped|Incomplete)|^ *(?:pending|skip)(?:$| ['"(])|\bTODO: *\{|\btodo_skip\b|^\/\/go:build +(?:ignore|never|!)|^#!\[cfg\(/gm;
/** A declaration of a test that passes only when it fails; the runner may count it as passed. */
const EXPECTS_IN_PLACE = /^[ \t]*(?:test|it)\.(?:failing|fails|fail)\b|;[ \t]*(?:test|it)\.(?:failing|fails)\b/gm;
/** The same beside a declaration. */
const EXPECTS_BESIDE = /#\[should_panic|\bexpectFailure: *|\btest\.fail\( *\)|\bWILL_FAIL\b/g;
const ENDS_PROCESS =
  /\bprocess\.exit\(|\b_exit\(|\bsys\.exit\(|\bos\.Exit\((?!\w+\.Run\(\)|code\b|[1-9])|\bprocess::exit\(|\bSystem\.exit\(/g;
/** A TestMain decides whether any test of its package runs; one that never asks them to run ends them. */
const TEST_MAIN = /^func +TestMain\(/m;
const RUNS_TESTS = /\.Run\(\)/;
/** What the go command does not take, or not on every system. */
const NOT_FOR_GO =
  /(?:^|\/)(?:[_.][^/]*|testdata\/.*|.*_(?:windows|darwin|freebsd|netbsd|openbsd|plan9|solaris|aix|android|ios|js|wasip1|wasm)(?:_test)?)\.go$|(?:^|\/)(?:[_.][^/]*|testdata)\/.*\.go$/;
const MAX_FILES = 500;
const MAX_BYTES = 524_288;
const LISTED = 3;

interface Compared {
  readonly git: GitRepo;
  /** What differs between base and the tested commit. */
  readonly changed: readonly ChangedEntry[];
  readonly gitTimeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Counts are of what the branch adds; 0 where it takes away. */
export interface Weakening {
  /** Anything that may make fewer tests run. */
  readonly isSuspected: boolean;
  /** Tests that the text marks as expected to fail where a runner counts them as passed. */
  readonly expectedToFail: number;
  /** What makes fewer tests decide in files that declare tests, in words; empty: nothing. */
  readonly words: string;
}

const NONE: Weakening = { isSuspected: false, expectedToFail: 0, words: '' };

/** What cannot be read is not suspected. */
export async function readWeakening({ git: repo, changed, gitTimeoutMs, signal }: Compared): Promise<Weakening> {
  const files = changed.filter(({ path }) => SOURCE.test(path)).slice(0, MAX_FILES);
  const oids = files.flatMap(({ before, after }) => [before, after].flatMap((side) => (isFile(side) ? side.oid : [])));
  if (oids.length === 0) return NONE;
  const signs = new Map<string, Signs>();
  const read = await readObjects({
    repo,
    timeoutMs: gitTimeoutMs,
    signal,
    oids: [...new Set(oids)],
    maxObjectBytes: MAX_BYTES,
    onObject: ({ oid, bytes }) => signs.set(oid, signsIn(Buffer.from(bytes).toString('latin1'))),
  });
  if (read.kind !== 'read') return NONE;
  const grown = files.map(
    ({ path, before, after }): GrownFile => ({
      path,
      signs: NOT_FOR_GO.test(path) ? NO_SIGNS : difference(signs.get(before?.oid ?? ''), signs.get(after?.oid ?? '')),
      isOfTests: NAMED_AS_TEST.test(path) || [before, after].some((side) => hasTests(signs.get(side?.oid ?? ''))),
      came: Number(after !== null) - Number(before !== null),
    }),
  );
  return weakeningOf(grown);
}

const isFile = (side: ChangedEntry['before']): side is { mode: string; oid: string } =>
  side?.mode.startsWith('100') === true;

interface GrownFile {
  readonly path: string;
  readonly signs: Signs;
  /** By its name, or because one side of it declares tests. */
  readonly isOfTests: boolean;
  /** -1: it is gone; 1: it is new. */
  readonly came: number;
}

function weakeningOf(files: readonly GrownFile[]): Weakening {
  const sum = (of: readonly GrownFile[], sign: keyof Signs): number =>
    of.reduce((total, { signs }) => total + signs[sign], 0);
  const taken = Math.max(0, -sum(files, 'declared'));
  const added = Math.max(0, sum(files, 'declared'));
  const inPlace = Math.max(0, Math.min(sum(files, 'expectsInPlace'), taken));
  const expectedToFail = inPlace + Math.max(0, sum(files, 'expectsBeside') - added);
  const tests = files.filter(({ isOfTests }) => isOfTests);
  const passedOver = Math.max(0, sum(tests, 'passedOver'));
  const ends = Math.max(0, sum(tests, 'ends'));
  const isSuspected =
    taken > 0 ||
    expectedToFail > 0 ||
    hasLeft(tests) ||
    sum(files, 'mains') > 0 ||
    sum(files, 'passedOver') > 0 ||
    sum(files, 'ends') > 0;
  const parts = [
    [taken - inPlace, 'takes out', ''],
    [expectedToFail, 'marks', ' as expected to fail'],
    [passedOver, 'passes over', ''],
  ] as const;
  const words = parts.flatMap(([n, verb, more]) => (n > 0 ? [`${verb} ${n} test${n === 1 ? '' : 's'}${more}`] : []));
  if (ends > 0) words.push('ends the process in a file of tests');
  const paths = tests.filter(({ signs }) => weakens(signs)).map(({ path }) => path);
  return { isSuspected, expectedToFail, words: words.length === 0 ? '' : `${words.join(' and ')}${where(paths)}` };
}

/** Whether a file of tests has left its directory, or the kind of name that it had: where it is now its runner may not look. */
function hasLeft(tests: readonly GrownFile[]): boolean {
  const places = new Map<string, number>();
  for (const { path, came } of tests) {
    const place = `${/^.*\//.exec(path)?.[0] ?? ''}${NAMED_AS_TEST.test(path) && !NOT_FOR_GO.test(path)} ${/\..*$/.exec(path.split('/').at(-1) ?? '')?.[0] ?? ''}`;
    places.set(place, (places.get(place) ?? 0) + came);
  }
  return [...places.values()].some((sum) => sum < 0);
}

const weakens = ({ declared, passedOver, ends, expectsInPlace, expectsBeside }: Signs): boolean =>
  declared < 0 || passedOver > 0 || ends > 0 || expectsInPlace > 0 || expectsBeside > 0;

/** Paths are the branch's own words. */
function where(paths: readonly string[]): string {
  const shown = paths.slice(0, LISTED).map((path) => path.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?'));
  const more = paths.length > LISTED ? ` and ${paths.length - LISTED} more` : '';
  return shown.length === 0 ? '' : ` (${shown.join(', ')}${more})`;
}

interface Signs {
  readonly declared: number;
  readonly passedOver: number;
  readonly expectsInPlace: number;
  readonly expectsBeside: number;
  readonly ends: number;
  readonly mains: number;
}

const NO_SIGNS: Signs = { declared: 0, passedOver: 0, expectsInPlace: 0, expectsBeside: 0, ends: 0, mains: 0 };

const hasTests = ({ declared, expectsInPlace }: Signs = NO_SIGNS): boolean => declared + expectsInPlace > 0;

const difference = (before: Signs = NO_SIGNS, after: Signs = NO_SIGNS): Signs => ({
  declared: after.declared - before.declared,
  passedOver: after.passedOver - before.passedOver,
  expectsInPlace: after.expectsInPlace - before.expectsInPlace,
  expectsBeside: after.expectsBeside - before.expectsBeside,
  ends: after.ends - before.ends,
  mains: after.mains - before.mains,
});

function signsIn(text: string): Signs {
  const mains = TEST_MAIN.test(text) ? 1 : 0;
  const ends = count(text, ENDS_PROCESS) + (mains === 1 && !RUNS_TESTS.test(text) ? 1 : 0);
  return { ...marksIn(text), ends, mains };
}

const marksIn = (text: string): Omit<Signs, 'ends' | 'mains'> => ({
  declared: count(text, DECLARES),
  passedOver: count(text, PASSES_OVER),
  expectsInPlace: count(text, EXPECTS_IN_PLACE),
  expectsBeside: count(text, EXPECTS_BESIDE),
});

const count = (text: string, sign: RegExp): number => text.match(sign)?.length ?? 0;
