/** `gatehouse doctor`: what this machine and these settings can and cannot do, before a task finds out. */
import { resolve } from 'node:path';
import { gitVersion } from '@gatehouse/git';
import { containmentLevel } from '@gatehouse/proc-group';
import { describeCrash } from '@gatehouse/verdict';
import { engineNames, secretEngineFor } from '../checks/secret-engine.ts';
import { freeBytesAt, lastWrittenMs, makeDirectory, removeEmptyDirectory } from '../platform/files.ts';
import { chooseIsolation } from '../policy/isolation.ts';
import { operatorFileProblem } from '../policy/operator-file.ts';
import { feedsOf, GATE_NAMES, SWITCHES, switchedOff } from '../policy/switched-off.ts';
import type { Settings } from '../settings.ts';
import { inspectStore } from '../store/sqlite/inspect.ts';
import { policiesIn } from '../store/sqlite/rows-in.ts';
import { type Answer, EXIT, table } from './answer.ts';
import { inWords, storePlace } from './store-commands.ts';

interface DoctorFinding {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'bad';
  readonly detail: string;
}
const TONES = { ok: 'good', warn: 'wait', bad: 'bad' } as const;
const FREE_BYTES = 2 * 1024 ** 3;

export async function doctorCommand(
  settings: Settings,
  { warnings, store }: { readonly warnings: readonly string[]; readonly store: boolean },
): Promise<Answer> {
  const dataDir = resolve(settings.storage.dataDir);
  const isNew = (await freeBytesAt(dataDir)) === null;
  const checks: DoctorFinding[] = [
    await git(),
    await containment(),
    await dataDirectory(settings),
    await isolation(settings),
    ...(store ? [checkStore(settings)] : []),
    ...(await operatorFiles(settings)),
    ...gates(settings),
    await secretEngines(settings),
    ...warnings.map((detail) => ({ name: 'settings', status: 'warn', detail }) as const),
  ];
  // A directory that was only tried is left to who starts a service there.
  if (isNew) await removeEmptyDirectory(dataDir);
  const ok = checks.every((check) => check.status !== 'bad');
  return {
    exit: ok ? EXIT.pass : EXIT.error,
    json: { ok, checks },
    text: table(
      ['check', 'state', 'detail'],
      checks.map((check) => [check.name, { text: check.status, tone: TONES[check.status] }, check.detail]),
    ),
  };
}

async function git(): Promise<DoctorFinding> {
  const version = await gitVersion();
  if (version.kind === 'version') return { name: 'git', status: 'ok', detail: version.text };
  const why = version.kind === 'crashed' ? describeCrash(version) : version.trouble;
  return {
    name: 'git',
    status: 'bad',
    detail: `git cannot be used (${why}); install git 2.39 or newer and put it on PATH`,
  };
}

async function containment(): Promise<DoctorFinding> {
  const level = await containmentLevel();
  if (level.kind === 'crashed') return { name: 'processes', status: 'bad', detail: describeCrash(level) };
  const weak = level.level === 'group' || level.level === 'plain';
  return { name: 'processes', status: weak ? 'warn' : 'ok', detail: `containment level ${level.level}` };
}

/** As the next start will choose it. */
async function isolation(settings: Settings): Promise<DoctorFinding> {
  const name = 'isolation';
  const isNew = (await lastWrittenMs(storePlace(settings).file)) === null && settings.commands.isolation === '';
  const wanted = isNew ? { ...settings, commands: { ...settings.commands, isolation: 'auto' as const } } : settings;
  const chosen = await chooseIsolation(wanted);
  if (chosen.kind === 'refused') return { name, status: 'bad', detail: chosen.problem };
  const { mode, why } = chosen.choice;
  if (mode !== 'none') return { name, status: 'ok', detail: `${mode}: ${why}` };
  return { name, status: 'warn', detail: `none: a test can read and write what this user can; ${why}` };
}

async function dataDirectory(settings: Settings): Promise<DoctorFinding> {
  const path = resolve(settings.storage.dataDir);
  const made = await makeDirectory(path);
  if (made.kind !== 'written')
    return { name: 'data directory', status: 'bad', detail: `${path}: ${made.reason}; set ORCH_DATA_DIR` };
  const free = await freeBytesAt(path);
  if (free === null)
    return { name: 'data directory', status: 'warn', detail: `${path}: how much is free cannot be told` };
  const gib = (free / 1024 ** 3).toFixed(1);
  return { name: 'data directory', status: free < FREE_BYTES ? 'warn' : 'ok', detail: `${path}, ${gib} GiB free` };
}

/** Reads the whole store, also while a service uses it. */
function checkStore(settings: Settings): DoctorFinding {
  const { file: path, traces } = storePlace(settings);
  const found = inspectStore(path, traces);
  switch (found.kind) {
    case 'none':
      return { name: 'store', status: 'ok', detail: `${path}: none yet; the first start makes it` };
    case 'whole':
      return {
        name: 'store',
        status: 'ok',
        detail: `${path}: every page and index checked; ${inWords(found.contents)}`,
      };
    case 'faulty':
      return { name: 'store', status: 'bad', detail: found.problem };
  }
}

/** Of every repository that is registered in this data directory. */
async function operatorFiles(settings: Settings): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const { id, policyPath, profile } of policiesIn(storePlace(settings).file)) {
    const name = `policy of ${id}`;
    const problem = await operatorFileProblem(policyPath, profile);
    if (problem !== null) findings.push({ name, status: 'bad', detail: problem });
    else if (policyPath !== null) findings.push({ name, status: 'ok', detail: policyPath });
  }
  return findings;
}

async function secretEngines(settings: Settings): Promise<DoctorFinding> {
  const name = 'secret engines';
  const second = await secretEngineFor(settings);
  const { requireEngine } = settings.security;
  if (second !== undefined) return { name, status: 'ok', detail: engineNames(settings).slice(0, -1).join(', ') };
  if (requireEngine !== '')
    return {
      name,
      status: 'bad',
      detail: `${requireEngine} is required (ORCH_SECURITY_REQUIRE_ENGINE) and is not here`,
    };
  return { name, status: 'ok', detail: `${engineNames(settings).slice(0, -1).join(', ')}; gitleaks is not used` };
}

/** Each gate with its scope, and whatever is switched off. */
function gates(settings: Settings): DoctorFinding[] {
  const scopes = GATE_NAMES.filter((gate) => settings[gate].enabled).map((gate): DoctorFinding => {
    const name = `${gate} gate`;
    const { repos } = settings[gate];
    const named = repos.length === 0 ? settings.repositories.self : repos.join(', ');
    return named === '' || repos.includes('*')
      ? { name, status: 'ok', detail: 'every registered repository' }
      : { name, status: 'warn', detail: `only ${named} (${SWITCHES[gate].repos}): it stops nothing elsewhere` };
  });
  const feeds = feedsOf(settings);
  return [
    ...scopes,
    ...(feeds.length === 0 ? [] : [{ name: 'advisory feed', status: 'ok', detail: feeds.join(', ') } as const]),
    ...switchedOff(settings).map(({ name, words }) => ({ name, status: 'warn', detail: words }) as const),
  ];
}
