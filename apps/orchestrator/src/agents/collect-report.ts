/**
 * Copies the report of this stage and attempt into the service's own store. A file that was in the branch before the
 * agent began is not its report: the clone starts without it, and the same bytes again count only if they name this attempt.
 * A report that names another attempt belongs to that attempt, whichever process wrote it.
 */

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArtefact } from '@gatehouse/artefact';
import { codeTree, readBlob } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { readInside, replaceInside } from '../platform/clone-files.ts';
import { writeTextFile } from '../platform/files.ts';
import { papersDir } from '../policy/task-key.ts';
import type { AgentRequest, StageReport } from './port.ts';
import { artefactOf, judges } from './roles.ts';

export type CollectedReport =
  | { readonly kind: 'taken'; readonly paper: StageReport | null }
  | { readonly kind: 'tool-failed' | 'infra'; readonly reason: string };

const REPORT_LIMIT = 1024 * 1024;

const pathOf = ({ assignment }: AgentRequest): string | null => {
  const rule = artefactOf(assignment.stage);
  return rule === null ? null : `${papersDir(assignment.key)}/${rule.name}`;
};

/** Removes from the clone what an earlier attempt left there. */
export async function removeOldReport(order: AgentRequest): Promise<string | null> {
  const path = pathOf(order);
  if (path === null) return null;
  const cleared = await replaceInside(order.workspace.slotDir, path, null);
  return cleared.kind === 'odd' ? cleared.reason : null;
}

/** `about` is the commit the report is about. */
export async function collectReport(order: AgentRequest, tip: string, about: string): Promise<CollectedReport> {
  const rule = artefactOf(order.assignment.stage);
  const path = pathOf(order);
  if (rule === null || path === null) return { kind: 'taken', paper: null };
  const written = await bytesOf(order, path, tip);
  if (written.kind !== 'bytes') return written;
  const { bytes } = written;
  if (!isUtf8(bytes)) return { kind: 'tool-failed', reason: `${path} is not UTF-8` };
  const { git, signal, assignment, workspace } = order;
  const before = await readBlob({ repo: git, commit: order.start, path, maxBytes: REPORT_LIMIT, signal });
  const isOld = before.kind === 'found' && Buffer.from(before.bytes).equals(bytes);
  if (isOld && !bytes.includes(assignment.nonce))
    return {
      kind: 'tool-failed',
      reason: `${path} is byte for byte what was there before; a new report names its attempt`,
    };
  if (namesOtherAttempt(bytes, assignment.nonce))
    return { kind: 'tool-failed', reason: `${path} names another attempt; this one is in GATEHOUSE_ATTEMPT` };
  const disbelief = judges(assignment.role) ? notAbout(bytes, path, { nonce: assignment.nonce, about }) : null;
  if (disbelief !== null) return { kind: 'tool-failed', reason: disbelief };
  // A check would read the same copy again and again: only another attempt of the agent can bring a better one.
  const said = parseArtefact(bytes, { [rule.key]: 'string' }, 'authored');
  if (said.kind !== 'read') return { kind: 'tool-failed', reason: `${path} cannot be read: ${said.reason}` };
  const tree = await codeTree({ repo: git, commit: about, key: assignment.key, signal });
  if (tree.kind === 'crashed') return { kind: 'infra', reason: describeCrash(tree) };
  if (tree.kind !== 'found') return { kind: 'infra', reason: `the code tree cannot be read: git ${tree.trouble}` };
  const copy = join(workspace.reportsDir, rule.name);
  const kept = await writeTextFile(copy, bytes.toString('utf8'));
  if (kept.kind !== 'written') return { kind: 'infra', reason: `${rule.name} cannot be kept: ${kept.reason}` };
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { kind: 'taken', paper: { name: rule.name, path: copy, digest, codeTree: tree.tree } };
}

/** A name of digits alone is a number to YAML. Unreadable front matter names none. */
function namesOtherAttempt(bytes: Buffer, nonce: string): boolean {
  const text = parseArtefact(bytes, { attempt: 'string' }, 'authored');
  if (text.kind === 'read') return text.front.attempt !== nonce;
  return parseArtefact(bytes, { attempt: 'integer' }, 'authored').kind === 'read' && !/^\d+$/.test(nonce);
}

/** The attempt was made for this one commit: who names it has named the commit. Null: it is about the commit, or cannot be read at all. */
function notAbout(bytes: Buffer, path: string, { nonce, about }: { nonce: string; about: string }): string | null {
  const another = `${path} names another commit than ${about}, which it is to be about`;
  const named = parseArtefact(bytes, { commit: 'string' }, 'authored');
  if (named.kind === 'read') {
    const commit = named.front.commit.toLowerCase();
    return commit.length >= SHORTEST_NAME && about.startsWith(commit) ? null : another;
  }
  if (named.kind !== 'malformed') return null;
  if (named.otherwiseKey === 'commit') return another;
  if (named.missingKey !== 'commit') return null;
  const attempt = parseArtefact(bytes, { attempt: 'string' }, 'authored');
  if (attempt.kind === 'read' && attempt.front.attempt === nonce) return null;
  return `${path} names neither its attempt nor its commit, so nobody knows what it is about; write \`attempt: ${nonce}\` and \`commit: ${about}\``;
}

const SHORTEST_NAME = 7;

type ReportBytesRead = { readonly kind: 'bytes'; readonly bytes: Buffer } | Exclude<CollectedReport, { kind: 'taken' }>;

/** The file in the work tree; an agent that committed and cleaned up left it in its commit. */
async function bytesOf(
  { git, workspace, start, signal }: AgentRequest,
  path: string,
  tip: string,
): Promise<ReportBytesRead> {
  const file = await readInside(workspace.slotDir, path, REPORT_LIMIT);
  if (file.kind === 'bytes') return file;
  if (file.kind === 'odd') return { kind: 'tool-failed', reason: `${path} is not taken: ${file.reason}` };
  const missing: ReportBytesRead = { kind: 'tool-failed', reason: `the agent left no ${path}` };
  if (tip === start) return missing;
  const blob = await readBlob({ repo: git, commit: tip, path, maxBytes: REPORT_LIMIT, signal });
  return blob.kind === 'found' && blob.mode.startsWith('100')
    ? { kind: 'bytes', bytes: Buffer.from(blob.bytes) }
    : missing;
}
