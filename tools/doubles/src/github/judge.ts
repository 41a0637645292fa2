/**
 * Judges requests and answers by GitHub's published description, as cut into github-description.json. Only its schemas are
 * taken as truth: several of its published examples are not valid against them.
 */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

type Schema = Readonly<Record<string, unknown>>;
interface Operation {
  readonly query: Readonly<Record<string, Schema>>;
  readonly body: Schema | null;
  /** By status; null: the description says nothing of a body. */
  readonly answers: Readonly<Record<string, Schema | null>>;
}
interface Description {
  readonly operations: Readonly<Record<string, Operation>>;
  /** The fields that are read of each webhook, by event and action: `issue-comment-created`. */
  readonly webhooks: Readonly<Record<string, Schema>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

export interface Exchange {
  readonly method: string;
  /** Below the API's root: `/repos/octo/app/pulls`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: unknown;
  readonly status: number;
  /** Undefined: no body. */
  readonly answer: unknown;
}

export interface Judge {
  /** Operations of the description that were used. */
  readonly used: ReadonlySet<string>;
  /** Why the exchange is not one of GitHub's; empty: it may be. */
  problems(exchange: Exchange): readonly string[];
  /** Why the payload is not one that GitHub sends for this event; empty: it may be. */
  webhookProblems(event: string, payload: Readonly<Record<string, unknown>>): readonly string[];
}

/** Any call may be limited, fail, be refused for its token or be about what is elsewhere; the description does not repeat that. */
const ANY_CALL = new Set([301, 401, 403, 404, 429, 500]);
/** Answers that the description does not have. From memory: it is how a commit that is not there is refused. */
const UNDESCRIBED = new Set(['POST /repos/{owner}/{repo}/statuses/{sha} 422']);
/** From memory: so it is where the repository of a branch was deleted; the description has it in the webhooks alone. */
const DELETED_FORK = /data(\/\d+)?\/head\/repo must be object$/;
const FOUND = new Map<string, RegExp>();

/** Compiled once for all doubles of a process: that takes longer than most tests. */
let known: Checks | null = null;

interface Checks {
  readonly operations: Description['operations'];
  readonly webhooks: Description['webhooks'];
  check(name: string, schema: Schema, value: unknown): readonly string[];
}

function openChecks(): Checks {
  const file = new URL('../../github-description.json', import.meta.url);
  const { operations, webhooks, schemas } = JSON.parse(readFileSync(file, 'utf8')) as Description;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false });
  ajv.addSchema({ $id: 'github', schemas });
  const compiled = new Map<string, ValidateFunction>();
  return {
    operations,
    webhooks,
    check: (name, schema, value) => {
      const validate = compiled.get(name) ?? ajv.compile(absolute(schema) as Schema);
      compiled.set(name, validate);
      return validate(value) ? [] : [`${name}: ${ajv.errorsText(validate.errors)}`];
    },
  };
}

export function openJudge(): Judge {
  known ??= openChecks();
  const { operations, webhooks, check } = known;
  const used = new Set<string>();
  return {
    used,
    webhookProblems: (event, payload) => {
      const action = typeof payload['action'] === 'string' ? `-${payload['action']}` : '';
      const name = `${event}${action}`.replaceAll('_', '-');
      const schema = webhooks[name];
      return schema === undefined ? [`GitHub sends no ${name} that is read here`] : check(name, schema, payload);
    },
    problems: ({ method, path, query, request, status, answer }) => {
      // The longest: a branch may be called `x/protection`, but nobody here calls one so.
      const [name] = Object.keys(operations)
        .filter((one) => matches(one, method, path))
        .sort((left, right) => right.length - left.length);
      const operation = name === undefined ? undefined : operations[name];
      if (name === undefined || operation === undefined) return [`${method} ${path} is not in the cut description`];
      used.add(name);
      const asked = [...query.keys()].filter((key) => !Object.hasOwn(operation.query, key));
      const answered = operation.answers[String(status)];
      return [
        ...asked.map((key) => `${name} takes no ${key} in its query`),
        ...(status < 400 && operation.body !== null ? check(`${name} request`, operation.body, request) : []),
        ...(answered === undefined && !ANY_CALL.has(status) && !UNDESCRIBED.has(`${name} ${status}`)
          ? [`${name} never answers ${status}`]
          : []),
        ...(answered === undefined || answered === null ? [] : check(`${name} ${status}`, answered, answer)).filter(
          (problem) => !DELETED_FORK.test(problem),
        ),
      ];
    },
  };
}

/** GitHub takes slashes in the name of a ref or a branch as they are. */
function matches(operation: string, method: string, path: string): boolean {
  const [of = '', template = ''] = operation.split(' ');
  const pattern =
    FOUND.get(template) ??
    new RegExp(`^${template.replaceAll(/\{(ref|branch|basehead)\}/g, '.+?').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
  FOUND.set(template, pattern);
  return of === method && pattern.test(path);
}

/** References point into the whole description. */
function absolute(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(absolute);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace(/^#/, 'github#') : absolute(value),
    ]),
  );
}
