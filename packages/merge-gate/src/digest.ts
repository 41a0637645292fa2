/**
 * What a result is bound to besides the tree: the gate's definition and the environment it ran in. Two runs with
 * equal digests asked the same question; anything that might change an answer belongs in here.
 */
import { createHash } from 'node:crypto';
import { arch, platform, release } from 'node:os';
import type { Isolation } from '@gatehouse/gate-run';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { lockfileDigests } from './adapters/lockfiles.ts';
import { toolIdentity } from './adapters/tool-identity.ts';
import type { TestPolicy } from './request.ts';

/** SHA-256 over the trusted policy, independent of the order of its keys. */
export function gateDigest(policy: TestPolicy): string {
  const { setup = null, command, timeoutMs, setupTimeoutMs = timeoutMs, graceMs = null, minTests, flaky } = policy;
  const setEnv = Object.entries(policy.setEnv ?? {}).sort(byName);
  const env = [...policy.env].sort();
  const report = policy.testReport === undefined ? null : [policy.testReport.format, policy.testReport.path];
  const limits = [timeoutMs, setupTimeoutMs, graceMs, minTests, flaky];
  const quarantine = (policy.quarantine ?? []).map(({ name, owner, reason, expires }) => [
    name,
    owner,
    reason,
    expires,
  ]);
  const apart = quarantine.length === 0 ? [] : [quarantine.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))];
  const cache = policy.cache?.length ? [{ cache: [...policy.cache].sort() }] : [];
  const submodules = policy.submodules === undefined ? [] : [{ submodules: policy.submodules }];
  const more = [...apart, ...cache, ...submodules];
  return sha256(JSON.stringify(['gate/3', setup, command, ...limits, env, setEnv, report, ...more]));
}

/** `hostDigest` is this machine and environment; `envDigest` adds the lockfiles of the tree in the slot. */
export interface Environment {
  readonly kind: 'probed';
  /** Digest of the machine and of what commands see of it. */
  readonly hostDigest: string;
  /** `hostDigest` with the lockfiles of the tested tree. */
  readonly envDigest: string;
}

/** The programs that are searched for; a repository that needs others names them in its setup command. */
const PROGRAMS =
  'sh node npm pnpm yarn bun deno python3 python pip uv go cargo rustc java mvn gradle ruby php dotnet gcc clang make git';
const PROBE = `env; printf '\\036'; for p in ${PROGRAMS}; do command -v "$p"; done; true`;
const PROBE_TIMEOUT_MS = 30_000;
/** These differ between two runs of the same question. */
const PER_RUN = /^(?:HOME|TMPDIR|PWD|OLDPWD|SHLVL|_)=/;

/**
 * Reads the environment a command would see, from inside one: operating system, allow-listed variables,
 * and which program files the PATH leads to (path, size and time, so no program is run).
 */
export async function probeEnvironment(asked: {
  /** The trusted definition of green; from the operator or from base. */
  readonly policy: TestPolicy;
  /** A directory that belongs to this call alone while it runs. */
  readonly slotDir: string;
  /** What separates commands from this process: a suite may be green with it and red without. */
  readonly isolation?: Isolation | undefined;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal | undefined;
}): Promise<
  | Environment
  | {
      readonly kind: 'unprobed';
      /** Why it cannot be read. */
      readonly reason: string;
    }
> {
  const { policy, slotDir, isolation, signal } = asked;
  const run = await runInGroup({
    command: 'sh',
    args: ['-c', PROBE],
    cwd: slotDir,
    env: { allow: [...policy.env], set: policy.setEnv ?? {} },
    timeoutMs: PROBE_TIMEOUT_MS,
    containment: 'group',
    ...(signal === undefined ? {} : { signal }),
  });
  if (run.kind === 'crashed') return { kind: 'unprobed', reason: run.error.message };
  if (run.kind !== 'exited' || run.code !== 0) return { kind: 'unprobed', reason: `the probe ended as ${run.kind}` };
  const [variables = '', programs = ''] = outputText(run.stdout).split('\u001e');
  const hostDigest = sha256(
    JSON.stringify([
      'host/1',
      [platform(), arch(), release()],
      variables
        .split('\n')
        .filter((line) => !PER_RUN.test(line))
        .sort(),
      programs
        .split('\n')
        .filter((path) => path.startsWith('/'))
        .map(toolIdentity),
      policy.setup ?? null,
      ...(isolation === undefined ? [] : [kindOf(isolation)]),
    ]),
  );
  const locks = await lockfileDigests(slotDir);
  return { kind: 'probed', hostDigest, envDigest: sha256(JSON.stringify(['env/1', hostDigest, locks])) };
}

/** Which user a run has differs from one to the next. */
const kindOf = (isolation: Isolation) =>
  isolation.kind === 'uid' ? { isolation: 'uid' } : { isolation: 'bwrap', ...isolation };

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
