/** The board: one server-rendered page that needs no script. Everything shown is escaped by the renderer. */
import type { z } from '@hono/zod-openapi';
import { visibleLine } from '../../platform/visible-text.ts';
import type { FlakyRow } from '../flaky-view.ts';
import type { Page } from '../page.ts';
import type { queueView } from '../routes/queue.ts';
import type { taskView } from '../views.ts';
import { FlakySection } from './flaky-section.tsx';

interface BoardContent {
  readonly queue: z.infer<typeof queueView>;
  readonly tasks: Page<z.infer<typeof taskView>>;
  readonly flaky: readonly FlakyRow[];
}

export function boardPage({ queue, tasks, flaky }: BoardContent) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="refresh" content="3" />
        <title>Gatehouse</title>
        <link rel="stylesheet" href="/board.css" />
      </head>
      <body>
        <h1>Gatehouse</h1>
        <p>
          {queue.jobs.total} jobs, {queue.merge_gate.leases.length} merge leases held, {queue.merge_gate.tickets.length}{' '}
          waiting for one. Running since {queue.since}.
        </p>
        <GateNotes queue={queue} />
        <table>
          <thead>
            <tr>
              <th>task</th>
              <th>repository</th>
              <th>branch</th>
              <th>stage</th>
              <th>status</th>
              <th>now</th>
              <th>why</th>
              <th>landed</th>
            </tr>
          </thead>
          <tbody>
            {tasks.rows.map((task) => (
              <tr class={isOver(task) ? 'done' : task.status}>
                <td>{task.id}</td>
                <td>{task.repo}</td>
                <td>
                  {visibleLine(task.branch)}
                  {task.title === task.branch ? null : <small>{visibleLine(task.title)}</small>}
                </td>
                <td>{task.stage}</td>
                <td class="status">{isOver(task) ? '' : task.status}</td>
                <td>{task.step ?? ''}</td>
                <td>
                  {visibleLine(task.reason ?? '')}
                  {task.warnings.map((warning) => (
                    <small class="warning">Note: {visibleLine(warning)}</small>
                  ))}
                </td>
                <td>{task.landed_sha?.slice(0, 12) ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <OtherTasks tasks={tasks} />
        <FlakySection tests={flaky} />
      </body>
    </html>
  );
}

/** What the table leaves out is said, and how to get there. */
function OtherTasks({ tasks }: Pick<BoardContent, 'tasks'>) {
  const { rows, total, cursor } = tasks;
  if (rows.length === total) return null;
  return (
    <p>
      {rows.length} of {total} tasks. <a href="/">Newest</a>{' '}
      {cursor === null ? null : <a href={`/?cursor=${encodeURIComponent(cursor)}`}>Older</a>}
    </p>
  );
}

const isOver = ({ stage }: { readonly stage: string }): boolean => stage === 'done' || stage === 'cancelled';

/** A gate that is off is said, not hidden. */
function GateNotes({ queue }: { readonly queue: BoardContent['queue'] }) {
  const off = (['merge_gate', 'coverage', 'security'] as const).filter((gate) => !queue[gate].enabled);
  return (
    <ul>
      {off.map((gate) => (
        <li>
          <strong>{gate} is switched off: nothing it would stop is stopped.</strong>
        </li>
      ))}
      {queue.security.feed === null ? <li>No advisory feed is configured: new dependencies are not audited.</li> : null}
    </ul>
  );
}
