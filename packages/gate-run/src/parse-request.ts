/** Reads a request once at the edge: what comes out is a plain copy that no getter and no later write can change. */
import { cachePathsFault, type RunCache } from './cache.ts';
import { LONGEST_TIMER_MS } from './fit-deadline.ts';
import { type Isolation, isolationFault, visibleFault } from './isolation.ts';
import type { Command, RunLimits, RunRequest } from './request.ts';

export type ParsedRequest =
  | { readonly kind: 'valid'; readonly request: RunRequest }
  | { readonly kind: 'invalid'; readonly reason: string };

const OBJECT_NAME = /^[0-9a-f]{40}$/;

/** Fails on the first thing that would make a run meaningless. */
export function parseRequest(asked: RunRequest): ParsedRequest {
  const copy: RunRequest = { ...asked };
  const request: RunRequest = {
    ...copy,
    slot: { ...copy.slot },
    command: typeof copy.command === 'string' ? copy.command : { ...copy.command },
    limits: limitsOf(copy.limits ?? {}),
    ...(copy.log === undefined ? {} : { log: { ...copy.log } }),
    ...(copy.cache === undefined ? {} : { cache: { ...copy.cache, paths: [...copy.cache.paths] } }),
  };
  const { slot, setup, setupTimeoutMs, graceMs, limits = {} } = request;
  const wrong = [
    nonEmpty('purpose', request.purpose),
    OBJECT_NAME.test(String(request.commit)) ? null : 'commit must be a full object name',
    slot.kind === 'check-out' || slot.kind === 'stands' ? null : 'slot.kind must be check-out or stands',
    nonEmpty('slot.dir', slot.dir),
    commandFault(request.command),
    setup === undefined ? null : nonEmpty('setup', setup),
    milliseconds('timeoutMs', request.timeoutMs, 1),
    setupTimeoutMs === undefined ? null : milliseconds('setupTimeoutMs', setupTimeoutMs, 1),
    graceMs === undefined ? null : milliseconds('graceMs', graceMs, 0),
    [undefined, true, false].includes(limits.treeKill) ? null : 'limits.treeKill must be true or false',
    limits.isolation === undefined ? null : isolationFault(limits.isolation),
    request.visible === undefined ? null : visibleFault(request.visible),
    request.cache === undefined ? null : cacheFault(request.cache),
    request.log === undefined ? null : (nonEmpty('log.dir', request.log.dir) ?? nonEmpty('log.name', request.log.name)),
  ].find((fault) => fault !== null);
  return wrong === undefined ? { kind: 'valid', request } : { kind: 'invalid', reason: wrong };
}

/** A caller may hand over its own request, which has the limits among other fields. */
const limitsOf = ({ treeKill, reaperLimitMs, validateDeadline, mask, isolation }: RunLimits): RunLimits => ({
  mask,
  treeKill,
  reaperLimitMs,
  validateDeadline,
  ...(isolation === undefined ? {} : { isolation: copyOf(isolation) }),
});

const copyOf = (isolation: Isolation): Isolation =>
  isolationFault(isolation) === null ? soundCopy(isolation) : isolation;

const soundCopy = (isolation: Isolation): Isolation =>
  isolation.kind === 'bwrap'
    ? {
        ...isolation,
        tools: [...isolation.tools],
        read: [...isolation.read],
        write: [...isolation.write],
        hidden: [...isolation.hidden],
      }
    : { ...isolation, uids: [...isolation.uids] };

function cacheFault({ paths, from, into, limitBytes }: RunCache): string | null {
  const fault = cachePathsFault(paths);
  if (fault !== null) return `cache.paths ${fault}`;
  if ([from, into].some((path) => path !== null && !(typeof path === 'string' && path.startsWith('/'))))
    return 'cache.from and cache.into must be absolute paths or null';
  return limitBytes === undefined || limitBytes >= 0 ? null : 'cache.limitBytes must be a number of bytes';
}

function commandFault(command: Command): string | null {
  if (typeof command === 'string') return nonEmpty('command', command);
  return nonEmpty('command.program', command.program) ?? nonEmpty('command.shown', command.shown);
}

const nonEmpty = (name: string, value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? null : `${name} must be a non-empty string`;

const milliseconds = (name: string, value: unknown, least: number): string | null =>
  typeof value === 'number' && value >= least && value <= LONGEST_TIMER_MS
    ? null
    : `${name} must be milliseconds from ${least} to ${LONGEST_TIMER_MS}`;
