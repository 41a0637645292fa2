/**
 * gitleaks on contents that we wrote under numbers, in a folder of its own without our variables. Its exit code alone cannot tell
 * "no leaks" from "could not look": only 0 and the code that we asked for count, with a report that can be read and a canary in it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { describeCrash } from '@gatehouse/verdict';
import { CANARY, type EngineQuestion, type EngineReport, type SecretEngine } from '../secret-engine.ts';

/** What may be given to `gitleaksEngine`. */
export interface GitleaksOptions {
  /** The program; looked up in PATH. Default `gitleaks`. */
  readonly command?: string;
  /** For one batch; default 120,000. */
  readonly timeoutMs?: number;
}

/** `absent`: it is not on this machine, or does not answer as gitleaks does. */
export type FoundGitleaks =
  | {
      readonly kind: 'found';
      /** To be given to a scan. */
      readonly engine: SecretEngine;
    }
  | {
      readonly kind: 'absent';
      /** Why, in one line for a person. */
      readonly reason: string;
    };

const CLEAN = 0;
/** gitleaks itself ends with 1 for an error and, unless told otherwise, for a leak. */
const LEAKS = 77;
const TIMEOUT_MS = 120_000;
const PRIVATE = { flag: 'wx', mode: 0o600 } as const;
/** So many files are open at one time. */
const AT_ONCE = 64;
const PROBE_MS = 20_000;

/** Asks the program for its version once. */
export async function findGitleaks({
  command = 'gitleaks',
  timeoutMs = TIMEOUT_MS,
}: GitleaksOptions): Promise<FoundGitleaks> {
  const run = await runInGroup({ command, args: ['version'], timeoutMs: PROBE_MS, graceMs: 0, containment: 'group' });
  if (run.kind === 'crashed') return { kind: 'absent', reason: describeCrash(run) };
  if (run.kind === 'spawn-failed') return { kind: 'absent', reason: `${command} cannot be started (${run.errno})` };
  if (run.kind !== 'exited' || run.code !== 0) return { kind: 'absent', reason: `${command} version did not end well` };
  // A build from source has no version of its own.
  const version = /^v?(\d+\.\d+\.\d+)\s*$/.exec(outputText(run.stdout))?.[1] ?? 'of no told version';
  return {
    kind: 'found',
    engine: {
      name: `gitleaks ${version}`,
      configFile: '.gitleaks.toml',
      format: 'gitleaks',
      scan: (question) => scan({ command, timeoutMs }, question),
    },
  };
}

type Call = Required<GitleaksOptions>;

async function scan(call: Call, question: EngineQuestion): Promise<EngineReport> {
  const folder = await mkdtemp(join(tmpdir(), 'gitleaks-'));
  try {
    return await scanIn(folder, call, question);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const failed = (reason: string): EngineReport => ({ kind: 'engine-failed', reason });

async function scanIn(
  folder: string,
  { command, timeoutMs }: Call,
  { files, config, signal }: EngineQuestion,
): Promise<EngineReport> {
  const [input, report] = [join(folder, 'in'), join(folder, 'report.json')];
  await mkdir(input, { mode: 0o700 });
  for (let at = 0; at < files.length; at += AT_ONCE)
    await Promise.all(
      files.slice(at, at + AT_ONCE).map((bytes, more) => writeFile(join(input, String(at + more)), bytes, PRIVATE)),
    );
  await writeFile(join(folder, 'base.toml'), config ?? '', PRIVATE);
  await writeFile(join(folder, 'config.toml'), configText(config !== null), PRIVATE);
  // Found only if base's own configuration was read and does not look away from everything.
  await writeFile(join(input, 'canary'), `${CANARY}-${randomBytes(16).toString('hex')}\n`, PRIVATE);
  const run = await runInGroup({
    command,
    args: [
      ...['dir', 'in', '--config', 'config.toml', '--exit-code', String(LEAKS), '--ignore-gitleaks-allow'],
      ...[
        '--report-format',
        'json',
        '--report-path',
        'report.json',
        '--no-banner',
        '--no-color',
        '--log-level',
        'error',
      ],
      ...['--max-decode-depth', '2', '--gitleaks-ignore-path', folder],
    ],
    cwd: folder,
    env: { set: { HOME: folder, GOMEMLIMIT: '1GiB' } },
    timeoutMs,
    graceMs: 0,
    signal,
  });
  if (run.kind === 'crashed') return failed(describeCrash(run));
  if (run.kind !== 'exited') return failed(`gitleaks ended as ${run.kind}`);
  if (run.code === CLEAN) return failed('gitleaks did not find its canary: what it calls clean is not believed');
  if (run.code !== LEAKS)
    return failed(
      `gitleaks ended with ${run.code}${config === null ? '' : ", so base's .gitleaks.toml may be unusable"}`,
    );
  return readReport(report);
}

/** In its own file, so that base's configuration is read word for word. */
const configText = (hasBase: boolean): string =>
  [
    '[extend]',
    hasBase ? 'path = "base.toml"' : 'useDefault = true',
    '[[rules]]',
    `id = "${CANARY}"`,
    'description = "a canary"',
    `regex = '''${CANARY}-[0-9a-f]{32}'''`,
    '',
  ].join('\n');

async function readReport(path: string): Promise<EngineReport> {
  try {
    return { kind: 'report', bytes: await readFile(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('E') !== true) throw error;
    return failed(`gitleaks wrote no report (${code})`);
  }
}
