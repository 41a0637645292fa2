/** What was read of a tracker's issues, and the statuses that ask for something. */
import { tombstoneKey } from '@gatehouse/cancel';
import { trackerIssues, trackerStates } from '../schema/index.ts';
import type { TrackerStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { insertInto, namesBut, tableShape } from './sql/row-shape.ts';
import { TASK } from './task-rows.ts';

const ISSUE = tableShape(trackerIssues);
const STATE = tableShape(trackerStates);
const STOPPED_SUFFIX = tombstoneKey('', '');
/** Behind every text that begins with a tombstone's suffix. */
const BEHIND = `${STOPPED_SUFFIX.slice(0, -1)}${String.fromCharCode(STOPPED_SUFFIX.charCodeAt(STOPPED_SUFFIX.length - 1) + 1)}`;

export function trackerStore({
  dialect: { opaque, opaqueLimit },
  row,
  rows,
  change,
}: Driver): Operations<TrackerStore> {
  const latest = row(
    TASK,
    `SELECT ${TASK.list} FROM tasks WHERE plane_issue_id IS NOT NULL AND (plane_issue_id = ${opaque(':issueId')}
       OR (plane_issue_id >= ${opaque(':stopped')} AND plane_issue_id < ${opaque(':behind')}))
     ORDER BY created_at DESC, generation DESC LIMIT 1`,
  );
  const byId = row(ISSUE, `SELECT ${ISSUE.list} FROM tracker_issues WHERE issue_id = :issueId`);
  const asking = rows(
    ISSUE,
    `SELECT ${ISSUE.list} FROM tracker_issues WHERE wish <> 'nothing' ORDER BY seen_at, issue_id LIMIT ${opaqueLimit(':limit')}`,
  );
  const record = change(
    ISSUE,
    `${insertInto(ISSUE, namesBut(ISSUE, ''))} ON CONFLICT (issue_id)
     DO UPDATE SET repo_id = :repoId, wish = :wish, updated_at = :updatedAt, seen_at = :seenAt`,
  );
  const states = rows(STATE, `SELECT ${STATE.list} FROM tracker_states ORDER BY project, wish`);
  const recordState = change(
    STATE,
    `${insertInto(STATE, namesBut(STATE, ''))} ON CONFLICT (project, wish) DO UPDATE SET state_id = :stateId, name = :name`,
  );
  return {
    *latestTaskOfIssue(issueId) {
      return (
        (yield* latest({ issueId, stopped: `${issueId}${STOPPED_SUFFIX}`, behind: `${issueId}${BEHIND}` })) ?? null
      );
    },
    *trackedIssue(issueId) {
      return (yield* byId({ issueId })) ?? null;
    },
    askingIssues: (limit) => asking({ limit }),
    *recordIssue(issue) {
      yield* record({ ...issue });
    },
    trackerStates: () => states({}),
    *recordTrackerState(state) {
      yield* recordState({ ...state });
    },
  };
}
