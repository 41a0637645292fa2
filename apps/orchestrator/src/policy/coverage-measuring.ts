/** `coverage.preset`, `coverage.command` with `coverage.report`, or `coverage.reports`: what is run, and which reports are read. */
import type { CoveragePolicy } from '@gatehouse/coverage-gate';
import { z } from 'zod';
import { coveragePreset, PRESET_NAMES, type PresetName } from './coverage-presets.ts';
import { command, reportPath } from './policy-values.ts';

const report = z.union([reportPath, z.array(reportPath).min(1).max(100)]);
const preset = z.enum(PRESET_NAMES as [PresetName, ...PresetName[]]);
const label = z.string().trim().min(1).max(100);

const entry = z
  .strictObject({ label, command: command.min(1).optional(), report: report.optional(), preset: preset.optional() })
  .refine(({ command: text, preset: name }) => text !== undefined || name !== undefined, 'needs a command or a preset');

/** The keys of `coverage` that say what is run. */
export const COVERAGE_MEASURING = {
  command: command.min(1).optional(),
  report: report.optional(),
  preset: preset.optional(),
  reports: z.array(entry).min(1).max(50).optional(),
};

/** For hints at mistyped keys. */
export const COVERAGE_REPORT_KEYS: readonly string[] = ['label', 'command', 'report', 'preset'];

interface One {
  readonly command?: string | undefined;
  readonly report?: string | string[] | undefined;
  readonly preset?: PresetName | undefined;
}

/** A source of `coverage` as it is read from a file. */
export type CoverageSource = One & { readonly reports?: readonly (One & { readonly label: string })[] | undefined };

/** `reports` stand in place of a command of its own. */
export const isOneMeasuring = ({ command: text, preset: name, report: path, reports }: CoverageSource): boolean =>
  reports === undefined || (text === undefined && name === undefined && path === undefined);

export const ONE_MEASURING = 'reports stand in place of command, preset and report: move those into the list';

/** Whether a source says what is run. */
export const saysMeasuring = (source: CoverageSource | undefined): source is CoverageSource =>
  source?.command !== undefined || source?.preset !== undefined || source?.reports !== undefined;

export type Measuring = Pick<CoveragePolicy, 'command' | 'report' | 'label' | 'parts'> & {
  /** Variables that the presets need. */
  readonly env: readonly string[];
};

/** Null where nothing is run. With `reports`, the first is the policy's own command and the others are its parts. */
export function measuringOf(source: CoverageSource, python: string): Measuring | null {
  const all = (source.reports ?? [{ ...source, label: '' }]).map((one) => ({
    label: one.label,
    ...oneOf(one, python),
  }));
  const [first, ...others] = all;
  if (first === undefined || all.some(({ command: text }) => text === '')) return null;
  const parts = others.map(({ label: name, command: text, report: paths }) => ({
    label: name,
    command: text,
    report: paths,
  }));
  return {
    command: first.command,
    report: first.report,
    env: [...new Set(all.flatMap(({ env }) => env))],
    ...(first.label === '' ? {} : { label: first.label }),
    ...(parts.length === 0 ? {} : { parts }),
  };
}

const DEFAULT_REPORT = 'coverage/lcov.info';

/** What is said beside a preset wins over it. */
function oneOf({ preset: name, command: text, report: paths }: One, python: string) {
  const known = name === undefined ? null : coveragePreset(name, python);
  return {
    command: text ?? known?.command ?? '',
    report: paths ?? known?.report ?? DEFAULT_REPORT,
    env: known?.env ?? [],
  };
}
