/**
 * The same rows without a store: hand-written statements, prepared once, one transaction for what is one there. A claim
 * asks for no more than the next gate job that is due; a transition reads its task and writes what the store writes.
 */
import { LEASE_MS, T0 } from './contender.mjs';

const CLAIM = `UPDATE jobs SET state = 'leased', token = token + 1, attempts = attempts + 1, worker_id = ?,
    lease_until = ?, heartbeat_at = ?, progress_at = ?
  WHERE id = (SELECT id FROM jobs WHERE state = 'ready' AND kind = 'gate' AND available_at <= ?
    ORDER BY sort_key, id LIMIT 1) RETURNING id, task_id, token, step`;
const END = `UPDATE jobs SET state = 'done', finished_at = ?, lease_until = NULL WHERE id = ? AND token = ? AND state = 'leased'`;

export function rawOn(sqlite) {
  const claiming = sqlite.prepare(CLAIM);
  const start = sqlite.prepare('UPDATE tasks SET started_at = ? WHERE id = ? AND started_at IS NULL');
  const end = sqlite.prepare(END);
  const atOnce = sqlite.transaction((body) => body());
  const move = mover(sqlite, end);
  return {
    claim: () =>
      atOnce.immediate(() => {
        const now = T0 + 1_000_000;
        const job = claiming.get('w1', now + LEASE_MS, now, now, now);
        start.run(now, job.task_id);
        return job;
      }),
    complete: (job) => end.run(T0 + 2_000_000, job.id, job.token),
    transition: (job, moved) => atOnce.immediate(() => move(job, moved)),
  };
}

/** What the store wrote for the same event is `moved`: rows as they are, so that no reducer is measured. */
function mover(sqlite, end) {
  const read = sqlite.prepare('SELECT * FROM tasks WHERE id = ?');
  const [gateRun, event, job] = ['gate_runs', 'events', 'jobs'].map((table) => inserter(sqlite, table));
  const change = sqlite.prepare(
    `UPDATE tasks SET base_sha = ?, head_sha = ?, state_json = ?, version = version + 1, updated_at = ? WHERE id = ?`,
  );
  return ({ id, token, task_id: taskId }, moved) => {
    const atMs = T0 + 2_000_000;
    const task = read.get(taskId);
    JSON.parse(task.state_json);
    if (end.run(atMs, id, token).changes !== 1) throw new Error('fenced');
    gateRun({ ...moved.gateRun, task_id: taskId, job_id: id });
    change.run(moved.task.base_sha, moved.task.head_sha, moved.task.state_json, atMs, taskId);
    event({ ...moved.event, task_id: taskId });
    job({ ...moved.job, task_id: taskId });
  };
}

function inserter(sqlite, table) {
  const given = table === 'events' ? 'seq' : 'id';
  const names = sqlite
    .pragma(`table_info(${table})`)
    .map(({ name }) => name)
    .filter((name) => name !== given);
  const insert = sqlite.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`);
  return (row) => insert.run(...names.map((name) => row[name]));
}
