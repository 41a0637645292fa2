/** The verdict that sent a change back, as a prompt may show it: secrets masked, and what its commands printed in a file. */
import { join } from 'node:path';
import type { Finding } from '@gatehouse/verdict';
import { writeTextFile } from '../platform/files.ts';
import { type LogPart, logText } from '../platform/log-text.ts';
import { maskTexts, WITHHELD } from '../platform/mask-text.ts';

const LOG = 'failed-check.txt';

/** As it is on record. */
export interface FailedCheck {
  readonly check: string;
  readonly reason: string;
  /** Masked when they were recorded. */
  readonly findings: readonly Finding[];
  /** The command that failed; null: none did, or it is not known. */
  readonly command: string | null;
  /** The tests that failed, as their runner names them. */
  readonly failing: readonly string[];
  readonly logs: readonly LogPart[];
}

export interface ShownFailure extends Omit<FailedCheck, 'logs'> {
  /** Null: its commands printed nothing, or it could not be kept. */
  readonly logPath: string | null;
}

export async function showFailure({ logs, ...failed }: FailedCheck, reportsDir: string): Promise<ShownFailure> {
  const texts = [failed.reason, failed.command ?? '', ...failed.failing];
  const [reason = WITHHELD, command = WITHHELD, ...failing] = await maskTexts(texts);
  const logPath = await keepLog(logs, join(reportsDir, LOG));
  return { ...failed, reason, command: failed.command === null ? null : command, failing, logPath };
}

async function keepLog(logs: readonly LogPart[], path: string): Promise<string | null> {
  const text = await logText(logs);
  if (text === '') return null;
  return (await writeTextFile(path, text)).kind === 'written' ? path : null;
}
