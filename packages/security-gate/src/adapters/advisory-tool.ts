/**
 * An advisory program on a file that we wrote: it sees names and versions, never a file of the branch, and runs in an empty
 * folder of its own without our variables. Its report decides; its exit code cannot tell a finding from a failure.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { describeCrash } from '@gatehouse/verdict';
import { parseJson } from './json.ts';

/** What came of it. `unreachable`: it could not be run or ended without a report. */
export type ToolAnswer =
  | { readonly kind: 'report'; readonly value: unknown }
  | { readonly kind: 'unreachable' | 'malformed'; readonly reason: string };

/** One run, in a folder that holds `files` by name. */
export interface ToolCall {
  readonly command: string;
  readonly args: readonly string[];
  readonly files: { readonly [name: string]: string };
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes after which a report is read. */
  readonly accept: readonly number[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const REPORT_BYTES = 32 * 1024 * 1024;
/** Where it may reach the network as this service does. */
const INHERITED = [
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
];

/** Runs the program in a folder that is gone afterwards. */
export async function runAdvisoryTool(call: ToolCall): Promise<ToolAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'advisory-tool-'));
  try {
    for (const [name, text] of Object.entries(call.files))
      await writeFile(join(folder, name), text, { flag: 'wx', mode: 0o600 });
    const run = await runInGroup({
      command: call.command,
      args: call.args,
      cwd: folder,
      env: { allow: INHERITED, set: { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), ...call.env } },
      timeoutMs: call.timeoutMs,
      graceMs: 1000,
      signal: call.signal,
      output: { headBytes: REPORT_BYTES, tailBytes: 0 },
      containment: 'group',
    });
    if (run.kind === 'crashed') return { kind: 'unreachable', reason: describeCrash(run) };
    if (run.kind !== 'exited') return { kind: 'unreachable', reason: `${call.command}: ${run.kind}` };
    if (!call.accept.includes(run.code))
      return { kind: 'unreachable', reason: `${call.command} ended with ${run.code}` };
    const value = parseJson(outputText(run.stdout));
    return value === undefined
      ? { kind: 'malformed', reason: `${call.command} wrote no JSON report` }
      : { kind: 'report', value };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
