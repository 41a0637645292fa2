/**
 * Files that steer scanners, agents, package managers, hooks or CI: listed when a branch touches them, never obeyed. Some file
 * systems do not tell the case of letters apart.
 */
const TRUST: readonly RegExp[] = [
  /(?:^|\/)\.(?:gitleaks\.toml|gitleaksignore|betterleaks\.toml|betterleaksignore|secretlintrc[^/]*|secretlintignore|secrets\.baseline|trivyignore|trufflehogignore)$/i,
  /(?:^|\/)(?:gitleaks\.toml|trivy\.yaml|osv-scanner\.toml|zizmor\.ya?ml|audit-ci\.jsonc?)$/i,
  /(?:^|\/)(?:\.npmrc|\.?pnpmfile\.[cm]?js|\.yarnrc(?:\.yml)?|\.corepack\.env|pip\.conf|\.pypirc|uv\.toml|poetry\.toml|pnpm-workspace\.ya?ml|bunfig\.toml|nuget\.config|\.bundle\/config|\.cargo\/config(?:\.toml)?)$/i,
  /(?:^|\/)\.(?:gitattributes|gitmodules|lfsconfig|mailmap)$/i,
  /^(?:\.github|\.gitea|\.forgejo|\.gitlab|\.circleci|\.husky|\.githooks|\.woodpecker|\.buildkite)\//i,
  /^(?:\.gitlab-ci\.yml|\.woodpecker\.ya?ml|\.travis\.yml|azure-pipelines\.yml|Jenkinsfile|lefthook\.ya?ml|\.pre-commit-config\.yaml)$/i,
  /(?:^|\/)CODEOWNERS$/i,
  /(?:^|\/)\.(?:agents|claude|clinerules|codex|continue|cursor|devcontainer|gemini|idea|junie|opencode|roo|vscode|windsurf)\//i,
  /(?:^|\/)(?:AGENTS?|AGENTS\.override|CLAUDE|CLAUDE\.local|CONVENTIONS|GEMINI|QWEN|copilot-instructions)\.md$/i,
  /(?:^|\/)(?:\.aider\.conf\.yml|\.(?:aider|cursor)ignore|\.(?:cline|cursor|roo|windsurf)rules|\.goosehints|\.mcp\.json|opencode\.json)$/i,
  /^gatehouse\.yaml$/i,
];

/** The trust files among `paths`, in order, without repeats. */
export function trustFilesOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].filter((path) => TRUST.some((pattern) => pattern.test(path))).sort();
}
