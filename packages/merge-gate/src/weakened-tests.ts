/**
 * Whether a branch's own text says that fewer tests may run: declarations of tests taken out, marks that pass tests over put in, or
 * a call that ends the process. A suspicion and no finding: it is worth one run of main where main's count is not known.
 */
import { changedEntries, type GitRepo, readObjects } from '@gatehouse/git';

const SOURCE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|scala|cs|rb|php|ex|exs|bats|t)$/;
const DECLARES =
  /^[ \t]*(?:(?:await +)?(?:test|it|specify|Deno\.test)(?:\.each\b.*?)?[ (]|(?:async +)?def +test|func +(?:Test|Fuzz)\w*\(|#\[(?:\w+::)?test\b|@(?:Parameterized)?Test\b|\[(?:Test|Fact|Theory)\b|(?:public +)?function +test|@test\b)|;[ \t]*(?:test|it)\(/gm;
const PASSES_OVER =
  /\b(?:test|it|describe|suite|context)\.(?:only|skip|todo|fails)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(|\bskip: *true|\bmark\.(?:skip|xfail)|\bunittest\.(?:skip|expectedFailure)|\b[tb]\.Skip(?:Now|f)?\(|#\[ignore|@(?:Disabled|Ignore)\b|\bmarkTest(?:Skipped|Incomplete)/g;
const ENDS_PROCESS = /\bprocess\.exit\(|\b_exit\(|\bsys\.exit\(|\bos\.Exit\(|\bprocess::exit\(|\bSystem\.exit\(/g;
const MAX_FILES = 500;
const MAX_BYTES = 524_288;

interface Compared {
  readonly git: GitRepo;
  readonly base: string;
  readonly tested: string;
  readonly gitTimeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** What cannot be read is not suspected. */
export async function mayRunFewerTests({ git: repo, base, tested, gitTimeoutMs, signal }: Compared): Promise<boolean> {
  const limits = { repo, timeoutMs: gitTimeoutMs, signal };
  const changed = await changedEntries({ ...limits, base, head: tested });
  if (changed.kind !== 'listed') return false;
  const signs = new Map<string, Signs>();
  const files = changed.entries.filter(({ path }) => SOURCE.test(path)).slice(0, MAX_FILES);
  const oids = files.flatMap(({ before, after }) => [before, after].flatMap((side) => (isFile(side) ? side.oid : [])));
  const read = await readObjects({
    ...limits,
    oids: [...new Set(oids)],
    maxObjectBytes: MAX_BYTES,
    onObject: ({ oid, bytes }) => signs.set(oid, signsIn(Buffer.from(bytes).toString('latin1'))),
  });
  if (read.kind !== 'read') return false;
  const sum = (side: 'before' | 'after', sign: keyof Signs): number =>
    files.reduce((total, file) => total + (signs.get(file[side]?.oid ?? '')?.[sign] ?? 0), 0);
  const grows = (sign: keyof Signs): boolean => sum('after', sign) > sum('before', sign);
  return sum('after', 'declared') < sum('before', 'declared') || grows('passedOver') || grows('ends');
}

const isFile = (side: { readonly mode: string; readonly oid: string } | null): side is { mode: string; oid: string } =>
  side?.mode.startsWith('100') === true;

interface Signs {
  readonly declared: number;
  readonly passedOver: number;
  readonly ends: number;
}

const signsIn = (text: string): Signs => ({
  declared: count(text, DECLARES),
  passedOver: count(text, PASSES_OVER),
  ends: count(text, ENDS_PROCESS),
});

const count = (text: string, sign: RegExp): number => text.match(sign)?.length ?? 0;
