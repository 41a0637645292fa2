/** `gatehouse gate <name>`: one gate on one branch of any repository, from a shell, with nothing left behind. What it runs is loaded by then. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { closestMatch } from '../platform/did-you-mean.ts';
import { makeDirectory } from '../platform/files.ts';
import { processEnvironment } from '../platform/process-environment.ts';
import { temporaryDirectory } from '../platform/temporary-directory.ts';
import { GATE_NAMES } from '../policy/switched-off.ts';
import { type Answer, failure, type Terminal, usage } from './answer.ts';
import { locate } from './checkout/locate.ts';
import type { LocateOptions } from './checkout/located.ts';
import { chooseOutputs, type OutputOptions } from './formats/choose-outputs.ts';
import { writeOutputs } from './formats/write-outputs.ts';
import type { GateContext } from './run-gate.ts';
import { usableSettings } from './session.ts';

export interface GateOptions extends LocateOptions, OutputOptions {
  /** True: where the CI system wants it; a file; false: nowhere. [true] */
  readonly summary?: boolean | string;
  readonly config?: string;
  readonly baseline?: string;
  readonly reports?: string;
  readonly allowGateChange?: boolean;
}

const NAMES: readonly string[] = [...GATE_NAMES, 'all'];

export async function gateCommand(name: string, options: GateOptions, terminal: Terminal): Promise<Answer> {
  if (!NAMES.includes(name))
    return usage(`no gate is called ${JSON.stringify(name)}; did you mean ${closestMatch(name, NAMES)}?`);
  const chosen = chooseOutputs(options);
  if (chosen.kind === 'unclear') return usage(chosen.problem);
  if (options.config !== undefined && !existsSync(resolve(terminal.cwd, options.config)))
    return usage(`--config ${options.config}: there is no such file`);
  for (const [option, folder] of Object.entries({ reports: options.reports, baseline: options.baseline })) {
    if (folder === undefined) continue;
    const kept = await makeDirectory(resolve(terminal.cwd, folder));
    if (kept.kind !== 'written') return usage(`--${option} ${folder}: ${kept.reason}`);
  }
  const directory = await temporaryDirectory('gatehouse-gate-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  const found = await locate(options, { directory: directory.path, terminal });
  const scene = { options, terminal, directory: directory.path, outputs: chosen.outputs };
  const answer = found.kind === 'located' ? await gateOn(name, { ...scene, ...found }) : found.answer;
  await directory.remove();
  return answer;
}

/** By the base's own gate definition, or the operator's. */
async function gateOn(name: string, scene: Omit<GateContext, 'policy' | 'settings'>): Promise<Answer> {
  const { options, terminal, git, subject } = scene;
  const asked = await usableSettings();
  if (asked.kind === 'unusable') return asked.answer;
  const { settings } = asked;
  const operatorFile = options.config === undefined ? '' : resolve(terminal.cwd, options.config);
  const { loadPolicy } = await import('../policy/load-policy.ts');
  const loaded = await loadPolicy({ git, base: subject.base, operatorFile, settings, signal: terminal.signal });
  if (loaded.kind === 'invalid') return usage(loaded.problems.join('\n           '));
  if (loaded.kind !== 'policy') return failure(loaded.reason);
  const { runGate } = await import('./run-gate.ts');
  const report = await runGate(name, { ...scene, settings, policy: loaded.policy });
  const env = processEnvironment();
  return writeOutputs(report, { outputs: scene.outputs, cwd: terminal.cwd, summary: options.summary ?? true, env });
}
