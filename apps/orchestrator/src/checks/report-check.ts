/**
 * The checks that read a stage's report: one key of its front matter, compared in exact case, in the copy that the
 * service took from this very attempt. What cannot be read says nothing; what says anything else sends the change back.
 */
import { parseArtefact } from '@gatehouse/artefact';
import type { ArtefactRule, CheckRow } from '@gatehouse/stage-engine';
import type { CheckVerdict } from '@gatehouse/verdict';
import { maskText } from '../platform/mask-text.ts';
import { maskedStart } from '../platform/masked-ends.ts';
import type { Check, CheckContext, TaskEvidence } from './port.ts';
import { error, pass, skip } from './verdicts.ts';

/** A person answers; a machine has no answer. */
export const personAnswers: Check = async () =>
  error('tool-failed', 'a person approves an analysis: POST /tasks/{id}/approve');

/** Why no report on a deployment was asked for; null: one was. */
export const noDeployer =
  (target: 'staging' | 'production') =>
  ({ policy }: CheckContext): string | null =>
    policy.deploy[target] === '' && policy.agents.deployer === null
      ? `neither deploy.${target} nor a deployer is configured`
      : null;

interface ReportCheckOptions {
  /** Whether the report must be about the code that the branch holds now. */
  readonly boundToCode: boolean;
  /** Why no report was asked for; null: one was. */
  readonly notAsked?: (context: CheckContext) => string | null;
}

/** What one finding holds, and how many a report may fill: together less than what a brief can. */
const PIECE_LIMIT = 6_000;
const PIECES = 10;
/** The one value is a word; what is longer is no value of any key. */
const SAID_CHARS = 100;
/** What a report says of itself in a line. */
const NOTE_CHARS = 300;

/** The check that reads the report of a row of the stage engine's table. */
export function checkReport({ artefact: rule }: CheckRow, { boundToCode, notAsked }: ReportCheckOptions): Check {
  return async (context) => {
    const { evidence } = context;
    if (evidence === undefined || rule === null) return skip('profile');
    const unasked = notAsked?.(context) ?? null;
    if (unasked !== null) return skip(unasked);
    return judge(rule, evidence, boundToCode);
  };
}

async function judge(rule: ArtefactRule, evidence: TaskEvidence, boundToCode: boolean): Promise<CheckVerdict> {
  const copy = await evidence.copyOf(rule.name);
  if (copy.kind !== 'copy') return error('tool-failed', copy.reason);
  if (boundToCode && (evidence.codeTree === null || copy.codeTree !== evidence.codeTree))
    return error('tool-failed', `${rule.name} is about other code than the branch holds`);
  const read = parseArtefact(copy.text, { [rule.key]: 'string' }, 'authored');
  if (read.kind !== 'read') return error('tool-failed', `${rule.name} cannot be read: ${read.reason}`);
  const said = String(read.front[rule.key]);
  const own = parseArtefact(copy.text, { note: 'string' }, 'authored');
  const noted = own.kind === 'read' ? `; ${await maskedStart(own.front.note, NOTE_CHARS)}` : '';
  const statement = `${rule.name} says ${rule.key}: ${await maskedStart(said, SAID_CHARS)}${noted}`;
  if (said === rule.opens) return { ...pass(statement), artefact: rule.name };
  const body = read.body.trim();
  const messages = body === '' ? [`${statement}, and gives no reason`] : await piecesOf(body, rule.name);
  return {
    status: 'fail',
    reason: `${statement}${nearlyOpens(rule, said) ? `; only \`${rule.key}: ${rule.opens}\` opens, to the letter: capitals count, and nothing stands beside it` : ''}`,
    findings: messages.map((message) => ({ rule: `report/${rule.key}`, message })),
    warnings: [],
    artefact: rule.name,
  };
}

/** It meant the value that opens, and wrote another: `approved`, `"APPROVED" (with notes)`. */
const nearlyOpens = ({ opens }: ArtefactRule, said: string): boolean =>
  said.replace(/^\W+/, '').toUpperCase().startsWith(opens);

/** The whole of a report in pieces that end with a line; masked before it is cut, since half of a secret is not known as one. */
async function piecesOf(body: string, name: string): Promise<readonly string[]> {
  if (body.length <= PIECE_LIMIT) return [body];
  const lines = (await maskText(body)).split('\n').flatMap((line) => line.match(LINE) ?? ['']);
  const pieces: string[] = [];
  let piece = '';
  for (const [at, line] of lines.entries()) {
    if (piece.length + line.length >= PIECE_LIMIT && piece !== '') {
      pieces.push(piece);
      piece = '';
    }
    if (pieces.length === PIECES) return [...pieces, `and ${lines.length - at} more lines; ${name} has all of it`];
    piece = piece === '' ? line : `${piece}\n${line}`;
  }
  return [...pieces, piece];
}

const LINE = new RegExp(`.{1,${PIECE_LIMIT - 1}}`, 'gsu');
