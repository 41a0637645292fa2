#!/usr/bin/env node
/**
 * Cuts the operations that Gatehouse uses, and the fields of webhooks that it reads, out of GitHub's published description,
 * and writes them to github-description.json beside it. Usage: cut-github-description.mjs OPENAPI WEBHOOKS, the folders of an
 * unpacked @octokit/openapi and @octokit/openapi-webhooks (`npm pack`, then `tar xzf`); the licence of both is MIT. Format
 * the result with Biome.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REPO = '/repos/{owner}/{repo}';
const OPERATIONS = [
  'get /user',
  'get /app',
  'post /app/installations/{installation_id}/access_tokens',
  `get ${REPO}`,
  `get ${REPO}/installation`,
  `get ${REPO}/git/ref/{ref}`,
  `post ${REPO}/git/refs`,
  `patch ${REPO}/git/refs/{ref}`,
  `delete ${REPO}/git/refs/{ref}`,
  `get ${REPO}/pulls`,
  `post ${REPO}/pulls`,
  `get ${REPO}/pulls/{pull_number}`,
  `patch ${REPO}/pulls/{pull_number}`,
  `get ${REPO}/pulls/{pull_number}/reviews`,
  `post ${REPO}/pulls/{pull_number}/reviews`,
  `post ${REPO}/statuses/{sha}`,
  `get ${REPO}/commits/{ref}/status`,
  `get ${REPO}/commits/{ref}/check-runs`,
  `post ${REPO}/check-runs`,
  `patch ${REPO}/check-runs/{check_run_id}`,
  `get ${REPO}/rules/branches/{branch}`,
  `get ${REPO}/rulesets/{ruleset_id}`,
  `get ${REPO}/branches/{branch}`,
  `get ${REPO}/branches/{branch}/protection`,
  `get ${REPO}/collaborators/{username}/permission`,
  `get ${REPO}/issues/{issue_number}/comments`,
  `post ${REPO}/issues/{issue_number}/comments`,
  `patch ${REPO}/issues/comments/{comment_id}`,
  `delete ${REPO}/issues/comments/{comment_id}`,
  `post ${REPO}/issues/{issue_number}/labels`,
  `delete ${REPO}/issues/{issue_number}/labels/{name}`,
  `get ${REPO}/compare/{basehead}`,
  `get ${REPO}/hooks`,
];
const PROSE = new Set([
  'description',
  'title',
  'example',
  'examples',
  'externalDocs',
  'deprecated',
  'default',
  'readOnly',
]);

const [folder, webhooksFolder] = process.argv.slice(2);
if (folder === undefined || webhooksFolder === undefined || folder.startsWith('-')) {
  process.stderr.write('usage: cut-github-description.mjs OPENAPI WEBHOOKS (folders of the unpacked packages)\n');
  process.exit(2);
}
const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const whole = JSON.parse(readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8'));
const schemas = {};

/** A schema without prose, and with null as a type of its own: OpenAPI 3.0 says `nullable`, JSON Schema does not know it. */
function cut(schema) {
  if (Array.isArray(schema)) return schema.map(cut);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (typeof schema.$ref === 'string') return reference(schema.$ref);
  const { nullable, properties, ...rest } = schema;
  const kept = Object.entries(rest).filter(([key]) => !(PROSE.has(key) || key.startsWith('x-')));
  const plain = {
    ...Object.fromEntries(kept.map(([key, inner]) => [key, cut(inner)])),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, cut(inner)])) }),
  };
  return nullable === true ? { anyOf: [plain, { type: 'null' }] } : plain;
}

/** Follows a reference, and keeps what it names under its own name. */
function reference(path) {
  const [, section, name] = /^#\/components\/(\w+)\/(.+)$/.exec(path) ?? [];
  if (section !== 'schemas') return cut(whole.components[section][name]);
  if (!Object.hasOwn(schemas, name)) {
    schemas[name] = null;
    schemas[name] = cut(whole.components.schemas[name]);
  }
  return { $ref: `#/schemas/${name}` };
}

const resolved = (value) =>
  typeof value?.$ref === 'string'
    ? value.$ref
        .split('/')
        .slice(1)
        .reduce((at, key) => at[key], whole)
    : value;
const contentOf = (holder) => {
  const schema = resolved(holder)?.content?.['application/json']?.schema;
  return schema === undefined ? null : cut(schema);
};

const operations = Object.fromEntries(
  OPERATIONS.map((name) => {
    const [method, path] = name.split(' ');
    const found = whole.paths[path]?.[method];
    if (found === undefined) throw new Error(`the description has no ${name}`);
    const query = (found.parameters ?? []).map(resolved).filter((one) => one.in === 'query');
    const answers = Object.entries(found.responses).map(([status, answer]) => [status, contentOf(answer)]);
    return [
      `${method.toUpperCase()} ${path}`,
      {
        query: Object.fromEntries(query.map((one) => [one.name, cut(one.schema)])),
        body: found.requestBody === undefined ? null : contentOf(found.requestBody),
        answers: Object.fromEntries(answers),
      },
    ];
  }),
);

const WEBHOOKS =
  'push create delete status pull-request-opened pull-request-closed pull-request-reopened pull-request-edited pull-request-synchronize pull-request-labeled pull-request-unlabeled pull-request-review-submitted issue-comment-created issue-comment-edited issue-comment-deleted check-run-created check-run-completed'.split(
    ' ',
  );
/** What is read of a payload; the rest of it is some hundred kilobytes of schemas. */
const READ = {
  action: null,
  number: null,
  ref: null,
  ref_type: null,
  repository: { html_url: null },
  sender: { login: null },
  issue: { number: null, pull_request: {} },
  comment: { body: null },
  pull_request: { number: null },
};
const ofWebhooks = JSON.parse(readFileSync(join(webhooksFolder, 'generated/api.github.com.json'), 'utf8'));

/** A schema with nothing but the fields of `tree`; null keeps a field as it is. */
function prune(schema, tree) {
  if (typeof schema.$ref === 'string')
    return prune(
      schema.$ref
        .split('/')
        .slice(1)
        .reduce((at, key) => at[key], ofWebhooks),
      tree,
    );
  if (tree === null) return cut(schema);
  const kept = Object.keys(tree).filter((key) => schema.properties?.[key] !== undefined);
  return {
    ...(schema.type === undefined ? {} : { type: schema.type }),
    ...(schema.allOf === undefined ? {} : { allOf: schema.allOf.map((one) => prune(one, tree)) }),
    properties: Object.fromEntries(kept.map((key) => [key, prune(schema.properties[key], tree[key])])),
    required: (schema.required ?? []).filter((key) => kept.includes(key)),
  };
}
const webhooks = Object.fromEntries(
  WEBHOOKS.map((name) => [name, prune(ofWebhooks.components.schemas[`webhook-${name}`], READ)]),
);

const source = `@octokit/openapi ${version} and @octokit/openapi-webhooks ${ofWebhooks.info.version}, cut by cut-github-description.mjs; licence ${license}`;
const target = new URL('github-description.json', import.meta.url);
const sorted = Object.fromEntries(Object.entries(schemas).sort(([left], [right]) => (left < right ? -1 : 1)));
writeFileSync(target, `${JSON.stringify({ source, operations, webhooks, schemas: sorted })}\n`);
