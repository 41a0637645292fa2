/** `api.md` of a package: every export with its text and its declaration, as an importer's compiler sees it. */
import type { Declaration, Exported } from './declarations.ts';

/** The page for the package of that name; equal input gives equal text. */
export function apiPage(name: string, { own, reached, foreign }: Exported): string {
  const values = own.filter(({ kind }) => kind === 'value');
  const types = own.filter(({ kind }) => kind === 'type');
  const parts = reached.filter(({ kind }) => kind === 'type');
  return [
    `# ${name}: exports`,
    'Made from the declarations that the package ships; `npm run --prefix tools/tidy packages` writes it anew.',
    ...section('Functions and values', values),
    ...section('Types', types),
    ...section('Parts of these types', parts),
    ...fromElsewhere(foreign),
  ]
    .join('\n\n')
    .concat('\n');
}

function section(title: string, declarations: readonly Declaration[]): string[] {
  if (declarations.length === 0) return [];
  const inOrder = [...declarations].sort((left, right) => (left.name < right.name ? -1 : 1));
  return [`## ${title}`, ...inOrder.flatMap(shown)];
}

function shown({ name, doc, source, wraps }: Declaration): string[] {
  const code = wraps === null ? source : wraps.source.replace(wraps.name, name);
  const declared = code.replace(/^export (declare )?/gm, '').replace(/^ {4}/gm, '  ');
  const text = doc
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/^@example$/m, 'For example:')
    .replace(/^@deprecated/m, 'Deprecated.');
  // A wrapping of the door adds one answer to those of the function.
  const isClosed = wraps !== null && /:\s*\w+<typeof /.test(source);
  return [`### \`${name}\``, text, `\`\`\`ts\n${declared}\n\`\`\``, ...(isClosed ? ['Also answers `Crashed`.'] : [])];
}

function fromElsewhere(foreign: Exported['foreign']): string[] {
  if (foreign.length === 0) return [];
  const lines = foreign.map(([name, from]) => `- \`${name}\` of \`${from}\``).sort();
  return ['## From other packages', lines.join('\n')];
}
