/**
 * Files by which a repository instructs agent tools. A branch that could write them would instruct the agent that judges
 * it, so a clone carries those of main. Found at any depth, because the tools search there.
 */
const FILES = new Set([
  '.aider.conf.yml',
  '.aiderignore',
  '.clinerules',
  '.cursorignore',
  '.cursorrules',
  '.goosehints',
  '.mcp.json',
  '.roorules',
  '.windsurfrules',
  'AGENT.md',
  'AGENTS.md',
  'AGENTS.override.md',
  'CLAUDE.local.md',
  'CLAUDE.md',
  'CONVENTIONS.md',
  'GEMINI.md',
  'QWEN.md',
  'copilot-instructions.md',
  'opencode.json',
]);
const FOLDERS = new Set([
  '.agents',
  '.claude',
  '.clinerules',
  '.codex',
  '.continue',
  '.cursor',
  '.devcontainer',
  '.gemini',
  '.junie',
  '.opencode',
  '.roo',
  '.vscode',
  '.windsurf',
]);

/** Whether a path of a tree instructs an agent tool; letter case aside, as some file systems see it. */
export function isToolConfig(path: string): boolean {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  return inSet(FILES, name) || parts.some((part) => inSet(FOLDERS, part));
}

const LOWER = new Map([FILES, FOLDERS].map((set) => [set, new Set([...set].map((name) => name.toLowerCase()))]));
const inSet = (set: Set<string>, name: string): boolean => LOWER.get(set)?.has(name.toLowerCase()) ?? false;
