/** The lines of a failed run that a person would scroll to: where a tool names what it lacks, and the end. */
import type { CommandRun } from '@gatehouse/gate-run';
import { likelySetup } from '@gatehouse/merge-gate';
import { maskTexts, WITHHELD } from '../../platform/mask-text.ts';
import type { OutputView } from './report.ts';

const BEFORE = 3;
const AFTER = 3;
const LAST = 12;
const LAST_BESIDE = 5;
const LONGEST = 500;

/** Every secret in it is masked. Null: the run said nothing. */
export async function outputOf({
  purpose,
  command,
  commit,
  excerpt: said = '',
}: CommandRun): Promise<OutputView | null> {
  const [excerpt = WITHHELD, shown = WITHHELD] = await maskTexts([said, command]);
  const lines = excerpt
    .replace(/\p{Cc}\[[\d;]*[A-Za-z]/gu, '')
    .split(/\r?\n/)
    .map((line) => line.trimEnd().slice(0, LONGEST))
    .filter((line) => line !== '');
  const likely = likelySetup(excerpt, command);
  const at = likely === null ? -1 : lines.findIndex((line) => line.includes(likely.line));
  if (lines.length === 0) return null;
  return { purpose, command: shown, commit, lines: around(lines, at), likely: likely?.words ?? null };
}

function around(lines: readonly string[], at: number): readonly string[] {
  const end = lines.length;
  if (at < 0 || at >= end - LAST) return lines.slice(-LAST);
  const to = Math.min(at + AFTER + 1, end - LAST_BESIDE);
  const gap = to < end - LAST_BESIDE ? ['…'] : [];
  return [...lines.slice(Math.max(0, at - BEFORE), to), ...gap, ...lines.slice(-LAST_BESIDE)];
}
