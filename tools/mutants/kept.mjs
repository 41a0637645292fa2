/** Mutants that change nothing anyone can tell, each with the reason. `code` is the whole line, without its indent. */
const SILENT = "the parameter is compared with 'alert' alone, so that every other word is silent";
const silent = (file, code) => ({ file, code, operator: 'kind replaced', from: "'silent'", reason: SILENT });

export const KEPT = [
  {
    file: 'store/jobs.ts',
    code: `const ANY_EXPIRED = \`SELECT 1 AS found FROM jobs WHERE \${EXPIRED} LIMIT 1\`;`,
    operator: 'number moved',
    from: '1',
    reason: 'whether there is a row is asked, and neither what it holds nor how many there are',
  },
  {
    file: 'stage-engine/src/on-wakes.ts',
    code: 'if (state.blocked === null) return ignored(state);',
    operator: 'return without a value',
    from: 'ignored(state)',
    reason: 'never reached: the timer of a blocked task is read from why it is blocked; the line is for the types',
  },
  {
    file: 'merge-gate/src/landing-proof.ts',
    code: 'const fetched = await fetchMirror({ ...limits, url, tags: false });',
    operator: 'boolean turned',
    from: 'false',
    reason: 'a fetch with tags brings more than is asked for, and main is read the same',
  },
  {
    file: 'merge-gate/src/landing-proof.ts',
    code: "'in-doubt': 'in-doubt',",
    operator: 'kind replaced',
    from: "'in-doubt'",
    reason: 'a report that stands in no row of the table is in doubt, too',
  },
  {
    file: 'cancel/src/deletable-branch.ts',
    code: 'if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;',
    operator: 'return without a value',
    from: 'false',
    reason: 'the only caller is the predicate of a find, to which undefined is false',
  },
  {
    file: 'cancel/src/deletable-branch.ts',
    code: 'if (found === -1 || found + part.length > end) return false;',
    operator: 'return without a value',
    from: 'false',
    reason: 'the only caller is the predicate of a find, to which undefined is false',
  },
  {
    file: 'store/merge-queue.ts',
    code: `const head = row(TICKET, \`SELECT \${TICKET.list} FROM tickets WHERE \${inRepo} ORDER BY id LIMIT 1\`);`,
    operator: 'number moved',
    from: '1',
    reason: 'the first row of the answer is read, however many there are',
  },
  {
    file: 'store/claim-rules.ts',
    code: 'passes: `(:host IS NULL OR NOT EXISTS (SELECT 1 FROM breakers b',
    operator: 'number moved',
    from: '1',
    reason: 'whether there is a row is asked, and not what it holds',
  },
  {
    file: 'store/claim.ts',
    code: 'serial: limits.serialPerRepo === true ? 1 : 0,',
    operator: 'number moved',
    from: '1',
    reason: 'it is compared with zero alone',
  },
  ...["'landed'", "'in-doubt'"].map((from) => ({
    file: 'worker/jobs/landing.ts',
    code: "return pushed.kind === 'landed' || pushed.kind === 'in-doubt' || mayStillLand",
    operator: 'kind replaced',
    from,
    reason: 'never reached: what is concluded from these is not `not-landed`; the comparison is for the types',
  })),
  {
    file: 'cancellation/cancellations.ts',
    code: "case 'refused':",
    operator: 'kind replaced',
    from: "'refused'",
    reason: 'nothing stands behind the cases that are not told',
  },
  {
    file: 'store/cancellations.ts',
    code: 'const attempt = ((yield* begun({ taskId }))?.count ?? 0) + 1;',
    operator: 'number moved',
    from: '0',
    reason: 'never reached: a count always answers a row',
  },
  silent(
    'stage-engine/src/verdicts.ts',
    "return cancel(releaseLease(state), state.stop?.why === 'branch-gone' ? 'branch-gone' : 'stopped', 'silent');",
  ),
  silent(
    'stage-engine/src/on-stops.ts',
    "return state.landed ? cancel(from, 'merged, not deployed', 'alert') : cancel(from, 'stopped', 'silent');",
  ),
  silent(
    'stage-engine/src/on-branch.ts',
    "return cancel(cancelActiveJob(releaseLease(state)), 'branch-gone', 'silent');",
  ),
  {
    file: 'cancellation/cancellations.ts',
    code: "case 'crashed':",
    operator: 'kind replaced',
    from: "'crashed'",
    reason: 'no port brings it about: what a port throws is a step that failed',
  },
  {
    file: 'store/cancellations.ts',
    code: 'const ENTER = `UPDATE tasks SET critical_token = :leaseToken, critical_commit = tested_sha, version = version + 1, updated_at = :atMs',
    operator: 'number moved',
    from: '1',
    reason: 'versions are compared for equality alone',
  },
];
