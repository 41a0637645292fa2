/** Ends what a stop has to end, all at once, and says what is proven. A run is waited for as long as its limits say. */
import { callPort } from './call-port.ts';
import type { RunRef, Runs } from './ports.ts';
import { readEnd } from './read-answers.ts';
import type { ParsedStopRequest } from './request.ts';

/** `unproven` names each run that may still have processes. */
export type RunsEnd = { readonly kind: 'ended'; readonly unproven: readonly string[] } | CutOff;

/** The caller gave up; nothing is known, and nothing may be recorded. */
type CutOff = { readonly kind: 'cut-off' };

type OneEnd = { readonly kind: 'proven' } | { readonly kind: 'unproven'; readonly why: string } | CutOff;

export async function endRuns(runs: readonly RunRef[], port: Runs, asked: ParsedStopRequest): Promise<RunsEnd> {
  const unproven: string[] = [];
  for (const end of await Promise.all(runs.map((run) => endOne(run, port, asked)))) {
    if (end.kind === 'cut-off') return end;
    if (end.kind === 'unproven') unproven.push(end.why);
  }
  return { kind: 'ended', unproven };
}

async function endOne(run: RunRef, port: Runs, { limits, signal }: ParsedStopRequest): Promise<OneEnd> {
  const end = await callPort({
    port: 'runs.end',
    limitMs: limits.graceMs + limits.proveMs,
    signal,
    ask: (patience) => port.end(run, { graceMs: limits.graceMs, signal: patience }),
    read: readEnd,
  });
  const name = `run ${run.id} (claim ${run.token})`;
  switch (end.kind) {
    case 'cut-off':
      return end;
    case 'silent':
      return { kind: 'unproven', why: `${name}: ${end.reason}` };
    case 'answered':
      return end.answer.verified ? { kind: 'proven' } : { kind: 'unproven', why: `${name}: ${end.answer.detail}` };
  }
}
