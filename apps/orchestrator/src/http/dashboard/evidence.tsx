/** What a verdict rests on, one click away: findings with their code, the runs of a certificate side by side, commands, reports. */
import type { Finding } from '@gatehouse/verdict';
import { visibleLine, visibleStart, visibleText } from '../../platform/visible-text.ts';
import type { StoredCommandRun } from '../../store/port/index.ts';
import type { Excerpt } from './code-excerpts.ts';
import { counted, lasting, Sha, type Shape, State } from './marks.tsx';
import type { VerdictEntry } from './read-task.ts';

/** Longest shown of what a test said; its log has the rest. */
const [LONGEST_DETAIL, LONGEST_NAME] = [6000, 200];

export const Evidence = ({ entry, taskId }: { readonly entry: VerdictEntry; readonly taskId: string }) => (
  <>
    <Certificate commands={entry.commands} />
    {entry.run.findings.map((finding, at) => (
      <OneFinding
        finding={finding}
        code={entry.code.get(at)}
        isOpen={entry.run.status === 'fail' && at === firstToRead(entry.run.findings)}
      />
    ))}
    {entry.run.warnings.length === 0 ? null : (
      <details>
        <summary>{counted(entry.run.warnings.length, 'warning')}</summary>
        <ul>
          {entry.run.warnings.map((warning) => (
            <li class="small">{visibleLine(warning)}</li>
          ))}
        </ul>
      </details>
    )}
    {entry.commands.length === 0 ? null : <Commands commands={entry.commands} />}
    <Papers entry={entry} taskId={taskId} />
  </>
);

/** A test that fails says more than the end of a log. */
function firstToRead(findings: readonly Finding[]): number {
  const test = findings.findIndex(({ rule }) => rule === 'red-test');
  return test < 0 ? 0 : test;
}

function OneFinding(props: {
  readonly finding: Finding;
  readonly code: Excerpt | undefined;
  readonly isOpen: boolean;
}) {
  const { finding, code, isOpen } = props;
  const [first = '', ...rest] = visibleText(finding.message).split('\n');
  const detail = rest.join('\n').trim();
  const place =
    finding.path === undefined ? null : `${finding.path}${finding.line === undefined ? '' : `:${finding.line}`}`;
  return (
    <div class="finding">
      <p>
        {first}
        {place === null ? null : (
          <>
            {' '}
            <code class="soft">{visibleLine(place)}</code>
          </>
        )}
      </p>
      {code === undefined ? null : <Code code={code} />}
      {detail === '' ? null : (
        <details open={isOpen}>
          <summary>What it said</summary>
          <pre tabindex={0}>{detail.slice(0, LONGEST_DETAIL)}</pre>
        </details>
      )}
    </div>
  );
}

const Code = ({ code: { lines, firstLine, from, to } }: { readonly code: Excerpt }) => (
  <pre tabindex={0}>
    {lines.map((text, at) => {
      const line = firstLine + at;
      const number = String(line).padStart(String(firstLine + lines.length).length);
      return (
        <span class={line >= from && line <= to ? 'at' : undefined}>
          <span class="no">{number} </span>
          {visibleText(text)}
          {'\n'}
        </span>
      );
    })}
  </pre>
);

/** Whole runs of the tests, by what they were run with. */
const WITH: Readonly<Record<string, string>> = {
  branch: 'with it',
  'branch-again': 'with it, again',
  base: 'without it',
};
const ALONE: Readonly<Record<string, string>> = { 'branch-tests': 'with it', 'base-tests': 'without it' };

/** Branch, branch again, main: side by side. One run alone is no certificate. */
function Certificate({ commands }: { readonly commands: readonly StoredCommandRun[] }) {
  const whole = commands.filter(({ purpose }) => WITH[purpose] !== undefined);
  if (whole.length < 2) return null;
  const alone = Object.entries(ALONE).flatMap(([purpose, words]) => {
    const runs = commands.filter((run) => run.purpose === purpose);
    const red = runs.filter(({ outcome }) => outcome === 'red').length;
    return runs.length === 0 ? [] : [`${words} red in ${red} of ${runs.length}`];
  });
  return (
    <>
      <ul class="pair">
        {whole.map((run) => (
          <li>
            <State shape={shapeOf(run.outcome)}>{WITH[run.purpose]}</State>
            <br />
            <span class="small soft">
              {testsOf(run)} · {lasting(run.durationMs)}
              <br />
              at <Sha of={run.commit} />
            </span>
          </li>
        ))}
      </ul>
      {alone.length === 0 ? null : <p class="small soft">The failing tests alone: {alone.join(', ')}.</p>}
    </>
  );
}

const SHAPES: Readonly<Record<string, Shape>> = { green: 'go', red: 'stop' };
const shapeOf = (outcome: string): Shape => SHAPES[outcome] ?? 'wait';

function testsOf({ tests, outcome, exitCode }: StoredCommandRun): string {
  const failed = tests?.failed?.length ?? 0;
  if (tests?.total === undefined) return exitCode === null ? outcome : `exit status ${exitCode}`;
  return failed === 0 ? counted(tests.total, 'test') : `${failed} of ${counted(tests.total, 'test')} failed`;
}

const SHOWN_COMMANDS = 40;

const Commands = ({ commands }: { readonly commands: readonly StoredCommandRun[] }) => (
  <details>
    <summary>
      {counted(commands.length, 'command')}, {lasting(commands.reduce((sum, { durationMs }) => sum + durationMs, 0))}
    </summary>
    <ol>
      {commands.slice(0, SHOWN_COMMANDS).map((run) => (
        <li class="small">
          <State shape={shapeOf(run.outcome)}>{run.outcome}</State> {run.purpose} · {lasting(run.durationMs)} · at{' '}
          <Sha of={run.commit} /> · <code>{visibleStart(run.command, LONGEST_NAME)}</code>
          <br />
          <span class="soft">{visibleStart(run.reason, 2 * LONGEST_NAME)}</span>
          {run.leftovers === 0 ? null : (
            <span class="soft"> · {counted(run.leftovers, 'process')} outlived it and were ended</span>
          )}
        </li>
      ))}
      {commands.length > SHOWN_COMMANDS ? (
        <li class="small soft">and {commands.length - SHOWN_COMMANDS} more</li>
      ) : null}
    </ol>
  </details>
);

const Papers = ({ entry: { run, reports }, taskId }: { readonly entry: VerdictEntry; readonly taskId: string }) => {
  const task = `/board/tasks/${encodeURIComponent(taskId)}`;
  if (run.jobId === null && reports.length === 0) return null;
  return (
    <p class="small">
      {run.jobId === null ? null : (
        <a href={`/board/jobs/${run.jobId}/log`} aria-label={`Log of job ${run.jobId}`}>
          Log
        </a>
      )}
      {reports.map(({ id, name }) => (
        <>
          {' · '}
          <a href={`${task}/reports/${id}`}>{visibleLine(name)}</a>
        </>
      ))}
    </p>
  );
};
