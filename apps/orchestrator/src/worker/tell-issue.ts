/** What became of a task, as a comment at the issue that asked for it. */
import { recoverKey } from '@gatehouse/cancel';
import type { ServiceContext } from '../context.ts';
import { startOf } from '../platform/cut-text.ts';
import { maskText } from '../platform/mask-text.ts';
import type { TellAnswer } from '../platform/tell-answer.ts';
import type { OutboxMessage } from '../store/port/index.ts';

const CHARS = 4_000;

/** One comment per report: the dedupe key of the outbox is the idempotency key of the tracker. A task that no issue asked for is told. */
export async function tellIssue(
  { store, tracker }: Pick<ServiceContext, 'store' | 'tracker'>,
  row: OutboxMessage,
): Promise<TellAnswer> {
  const task = row.taskId === null ? null : await store.getTask(row.taskId);
  if (tracker.name === 'none' || task?.planeIssueId === null || task === null) return { kind: 'told' };
  const { status, text } = (row.payload ?? {}) as { readonly status?: unknown; readonly text?: unknown };
  if (typeof text !== 'string') return { kind: 'told' };
  const words = await maskText(
    `${HEAD[String(status)] ?? 'Gatehouse'} (${task.id}, ${recoverKey(task.branch)}): ${text}`,
  );
  const answer = await tracker.comment({
    issueId: recoverKey(task.planeIssueId),
    key: row.dedupeKey,
    text: startOf(words, CHARS, `all of it: gatehouse task show ${task.id}`),
  });
  return answer.kind === 'unsupported' ? { kind: 'told' } : answer;
}

const HEAD: Readonly<Record<string, string>> = {
  pending: 'Gatehouse',
  success: 'Gatehouse is done',
  failure: 'Gatehouse sent it back',
  error: 'Gatehouse stopped',
};
