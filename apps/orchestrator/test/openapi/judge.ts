/** Compares an answer with the document of the API: its status, its content type, its headers, and every field of its body. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}
export interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}
interface Response {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
type Schema = { readonly [key: string]: unknown };

export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Names the route of a request, and what its answer has that the document does not say, or the other way round. */
export function judgeWith(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const compiled = new Map<Schema, ValidateFunction>();
  const validatorOf = (schema: Schema): ValidateFunction => {
    const known = compiled.get(schema) ?? ajv.compile(closed(document, schema));
    compiled.set(schema, known);
    return known;
  };
  return ({ method, path, status, headers, text }: Answered) => {
    const route = routeOf(document, path);
    const name = `${method} ${route} ${status}`;
    const operation = route === null ? undefined : document.paths[route]?.[method.toLowerCase()];
    const said = operation?.responses[String(status)];
    if (said === undefined) return { name, faults: [`${name}: not in the document`] };
    const response = resolved(document, said);
    const missing = Object.entries(response.headers ?? {}).filter(([key, one]) => one.required && !headers.has(key));
    const faults = missing.map(([key]) => `${name}: no header ${key}`);
    if (response.content === undefined)
      return { name, faults: text === '' ? faults : [...faults, `${name}: a body that is not in the document`] };
    const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
    const schema = response.content?.[type]?.schema;
    if (schema === undefined) return { name, faults: [...faults, `${name}: content type ${type}`] };
    const validate = validatorOf(schema);
    const isRight = validate(/json/.test(type) ? JSON.parse(text) : text);
    return { name, faults: [...faults, ...(isRight ? [] : [`${name}: ${ajv.errorsText(validate.errors)}`])] };
  };
}

/** The template that a path fits; one without a parameter before one with it. */
function routeOf(document: Document, path: string): string | null {
  const fits = Object.keys(document.paths).filter((template) =>
    new RegExp(`^${template.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return fits.sort((one, other) => one.split('{').length - other.split('{').length)[0] ?? null;
}

const resolved = ({ components }: Document, said: Response | { readonly $ref: string }): Response =>
  '$ref' in said ? (components.responses[said.$ref.split('/').at(-1) ?? ''] ?? {}) : said;

/** The schema without references, and with no room for a field that it does not name. Ours do not contain themselves. */
function closed(document: Document, schema: Schema): Schema {
  if (typeof schema['$ref'] === 'string')
    return closed(document, document.components.schemas[schema['$ref'].split('/').at(-1) ?? ''] ?? {});
  const parts = (schema['allOf'] as Schema[] | undefined)?.map((part) => closed(document, part)) ?? [];
  const { allOf: _, ...own } = schema;
  const properties = Object.assign({}, ...[...parts, own].map((part) => part['properties'] ?? {})) as Schema;
  const required = [...parts, own].flatMap((part) => (part['required'] as string[] | undefined) ?? []);
  const inner = (key: string) => {
    const value = own[key];
    if (Array.isArray(value)) return { [key]: value.map((one: Schema) => closed(document, one)) };
    return typeof value === 'object' && value !== null ? { [key]: closed(document, value as Schema) } : {};
  };
  const named = Object.entries(properties).map(([name, one]) => [name, closed(document, one as Schema)]);
  return {
    ...(parts.length === 0 ? {} : { type: 'object' }),
    ...own,
    ...inner('items'),
    ...inner('additionalProperties'),
    ...inner('anyOf'),
    ...inner('oneOf'),
    ...(named.length === 0 ? {} : { additionalProperties: false, properties: Object.fromEntries(named), required }),
  };
}
