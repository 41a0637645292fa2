/** The prompt of an agent. It is stored outside the clone, so that no commit contains it. */

import { mendingSteps, type Place } from './mending.ts';
import type { Assignment } from './port.ts';
import { artefactOf, ROLES, workItemDir } from './roles.ts';

export const PROMPT = 'prompt.md';

/** Pure. `mending` is the verdict behind the brief. What comes from people or checks stands last and is fenced off by headings. */
export function promptFor(assignment: Assignment, mending: Omit<Place, 'main'> | null): string {
  const { key, title, description, branch, main, role, stage, attempt, papers } = assignment;
  return [
    `# ${key}: ${title}`,
    '',
    `You are the ${role}; the stage is ${stage}; this is attempt ${attempt}. ${ROLES[role].asked}`,
    '',
    ...place(assignment, branch, main),
    ...report(assignment),
    ...(papers.length === 0
      ? []
      : ['## Reports of earlier stages', '', ...papers.map(({ name, path }) => `- ${name}: ${path}`), '']),
    '## The task',
    '',
    description === '' ? title : description,
    '',
    ...toMend(assignment, mending),
  ].join('\n');
}

function toMend({ brief, main }: Assignment, mending: Omit<Place, 'main'> | null): string[] {
  if (brief === null) return [];
  const steps = mending === null ? [] : [...mendingSteps({ ...mending, main }), '### In the words of the check', ''];
  return ['## What has to be mended', '', ...steps, brief, ''];
}

function place({ role }: Assignment, branch: string, main: string): string[] {
  const commits = ROLES[role].pushes
    ? `Commit to \`${branch}\`, which is checked out. Commits on any other branch are dropped.`
    : `\`${branch}\` is checked out. Nothing you commit leaves this clone.`;
  return [
    '## Where you work',
    '',
    `${commits} You hold no credential: the service pushes for you, and only the gates move \`${main}\`.`,
    '',
  ];
}

function report({ key, stage, nonce }: Assignment): string[] {
  const rule = artefactOf(stage);
  if (rule === null) return [];
  return [
    '## The report that closes this stage',
    '',
    `Write \`${workItemDir(key)}/${rule.name}\`, beginning with exactly this front matter, then what a person should read:`,
    '',
    '```yaml',
    '---',
    `${rule.key}: ${rule.opens}`,
    `attempt: ${nonce}`,
    '---',
    '```',
    '',
    `Only \`${rule.key}: ${rule.opens}\` opens the stage, in exactly this case. Any other value sends the change back, and the`,
    'text below the front matter goes to whoever has to mend it.',
    '',
  ];
}
