/** The verdict that sent a change back, as a prompt may show it: secrets masked, and what its commands printed in a file. */
import { join } from 'node:path';
import type { Finding } from '@gatehouse/verdict';
import { writeTextFile } from '../platform/files.ts';
import { type LogPart, logText } from '../platform/log-text.ts';
import { maskTexts, WITHHELD } from '../platform/mask-text.ts';

const LOG = 'failed-check.txt';
const FINDINGS = 'findings.txt';
/** A brief has room for this much without leaving anything out. */
const ALL_SHOWN_CHARS = 8_000;

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
  /** Every finding whole; null: the prompt has them all. */
  readonly findingsPath: string | null;
}

export async function showFailure({ logs, ...failed }: FailedCheck, reportsDir: string): Promise<ShownFailure> {
  const texts = [failed.reason, failed.command ?? '', ...failed.failing];
  const [reason = WITHHELD, command = WITHHELD, ...failing] = await maskTexts(texts);
  const logPath = await keepLog(logs, join(reportsDir, LOG));
  const findingsPath = await keepFindings(failed.findings, join(reportsDir, FINDINGS));
  return { ...failed, reason, command: failed.command === null ? null : command, failing, logPath, findingsPath };
}

/** A brief is bounded, and each finding in it; what it may leave out stands here. */
async function keepFindings(findings: readonly Finding[], path: string): Promise<string | null> {
  const lines = findings.map(
    ({ rule, path: at, line, message }) =>
      `- ${rule}${at === undefined ? '' : ` ${at}${line === undefined ? '' : `:${line}`}`}: ${message}`,
  );
  const text = `${lines.join('\n')}\n`;
  if (text.length <= ALL_SHOWN_CHARS) return null;
  return (await writeTextFile(path, text)).kind === 'written' ? path : null;
}

async function keepLog(logs: readonly LogPart[], path: string): Promise<string | null> {
  const text = await logText(logs);
  if (text === '') return null;
  return (await writeTextFile(path, text)).kind === 'written' ? path : null;
}
