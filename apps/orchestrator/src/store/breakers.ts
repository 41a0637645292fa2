/**
 * Circuit breakers: faults of a machine or a service, per repository, cause and host. A row is suspect until a second
 * task reports the same; open, it keeps the repository's gates waiting for one probe. No row = closed.
 */
import { breakers } from '../schema/index.ts';
import type { Holds } from './holds.ts';
import type { JobRows } from './job-rows.ts';
import type { OutboxRows } from './outbox.ts';
import type { BreakerStore } from './port/index.ts';
import type { Driver, Operation, Operations } from './sql/driver.ts';
import { assignments, FOUND, insertInto, namesBut, tableShape } from './sql/row-shape.ts';
import { type Witnesses, witnesses } from './witnesses.ts';

type Trip = Parameters<BreakerStore['tripBreaker']>[0];
type Close = Parameters<BreakerStore['closeBreaker']>[0];

const BREAKER = tableShape(breakers);
const KEY = ['repoId', 'cause', 'host'];
const VALUES = namesBut(BREAKER, 'id').filter((name) => !KEY.includes(name));
const IS_KEY = 'repo_id = :repoId AND cause = :cause AND host = :host';
const PUT = `${insertInto(BREAKER, [...KEY, ...VALUES])}
  ON CONFLICT (repo_id, cause, host) DO UPDATE SET ${assignments(BREAKER, VALUES)}`;

interface BreakerParts {
  readonly jobs: JobRows;
  readonly notes: Holds;
  readonly outbox: OutboxRows;
}

export function breakerStore(driver: Driver, parts: BreakerParts): Operations<BreakerStore> {
  const { dialect, row, rows, write } = driver;
  const any = row(FOUND, 'SELECT 1 AS found FROM breakers WHERE repo_id = :repoId AND host = :host LIMIT 1');
  const inOrder = 'ORDER BY repo_id, cause, host';
  const all = rows(BREAKER, `SELECT ${BREAKER.list} FROM breakers ${inOrder}`);
  const inRepo = `repo_id = ${dialect.opaque(':repoId')}`;
  const ofRepo = rows(BREAKER, `SELECT ${BREAKER.list} FROM breakers WHERE ${inRepo} ${inOrder}`);
  const about = witnesses(driver);
  const trip = tripper(driver, parts, about);
  const close = closer(driver, parts.notes, about);
  return {
    tripBreaker: (report) => write(() => trip(report)),
    *closeBreaker(filter) {
      // Asked after every run that ended well, and there is hardly ever one.
      if ((yield* any({ repoId: filter.repoId, host: filter.host })) === undefined) return 0;
      return yield* write(() => close(filter));
    },
    listBreakers: (repoId) => (repoId === undefined ? all({}) : ofRepo({ repoId })),
  };
}

type Tripped = 'own' | 'suspect' | 'opened' | 'open';

function tripper(
  { row, change }: Driver,
  { jobs, outbox }: BreakerParts,
  about: Witnesses,
): (trip: Trip) => Operation<Tripped> {
  const known = row(BREAKER, `SELECT ${BREAKER.list} FROM breakers WHERE ${IS_KEY}`);
  const put = change(BREAKER, PUT);
  function* open({ repoId, cause, host, atMs, probe, alert }: Trip): Operation<void> {
    const key = `breaker/${cause}@${host}#${atMs}`;
    const payload = { kind: 'alert', key, scope: 'repository', text: alert };
    yield* outbox.add({ kind: 'alert', dedupeKey: `alert:repository:${repoId}:${key}`, payload, atMs });
    yield* jobs.addProbe({ repoId, step: probe, delayMs: 0, atMs });
  }
  return function* trip(report) {
    const { repoId, cause, host, taskId, atOnce, atMs } = report;
    const before = yield* known({ repoId, cause, host });
    const isRefuted = taskId !== null && (yield* about.wasRefuted({ repoId, cause, host, taskId, atMs }));
    if (taskId !== null && !isRefuted) yield* about.testify({ repoId, cause, host, taskId, atMs });
    if (before?.state === 'open') return 'open';
    if (isRefuted) return 'own';
    const opens = atOnce || (before !== undefined && before.taskId !== taskId);
    yield* put({ repoId, cause, host, state: opens ? 'open' : 'suspect', taskId, since: atMs });
    if (opens) yield* open(report);
    return opens ? 'opened' : 'suspect';
  };
}

/** What was suspected of a breaker that never opened is forgotten; what opened one is refuted. */
function closer({ dialect, rows }: Driver, notes: Holds, about: Witnesses): (filter: Close) => Operation<number> {
  const remove = rows(
    BREAKER,
    `DELETE FROM breakers WHERE repo_id = :repoId AND host = :host
       AND (:causes IS NULL OR ${dialect.isListed('cause', ':causes')}) AND (:only IS NULL OR state = :only)
     RETURNING ${BREAKER.list}`,
  );
  return function* close({ repoId, host, causes, only = null, atMs }: Omit<Close, 'only'> & { only?: string | null }) {
    const asked = causes === undefined ? null : dialect.listOf(causes);
    const closed = yield* remove({ repoId, host, causes: asked, only });
    for (const { cause, state } of closed) {
      const breaker = { repoId, cause, host };
      yield* state === 'open' ? about.refute(breaker, atMs) : about.forget(breaker);
    }
    if (closed.length > 0) yield* notes.liftRepo(repoId);
    return closed.length;
  };
}
