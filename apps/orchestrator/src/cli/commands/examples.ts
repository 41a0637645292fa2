/** Real calls of each command, as its help shows them. A test parses every one with the command's own options. */

const AT_A_FORGE = 'https://git.example/owner/app';

export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  serve: ['gatehouse serve', 'ORCH_PORT=9000 ORCH_DATA_DIR=/srv/gatehouse gatehouse serve'],
  demo: ['gatehouse demo', 'gatehouse demo --once --forge gitea'],
  doctor: ['gatehouse doctor', 'gatehouse doctor --store --json', 'gatehouse doctor --repo app'],
  backup: ['gatehouse backup', 'gatehouse backup --to /mnt/copies/gatehouse.db'],
  restore: ['gatehouse restore .gatehouse/backups/2026-11-28.db'],
  'repo add': [
    `gatehouse repo add ${AT_A_FORGE}`,
    'gatehouse repo add https://github.com/owner/app --credential github',
    'gatehouse repo add app --path /srv/git/app.git --main trunk',
  ],
  'repo set': [
    'gatehouse repo set app --address https://git.example/owner/renamed',
    'gatehouse repo set app --main trunk',
  ],
  'repo ls': ['gatehouse repo ls', 'gatehouse repo ls --json'],
  'repo thaw': ['gatehouse repo thaw app'],
  'task add': [
    'gatehouse task add --repo app --branch feature/x',
    'gatehouse task add --repo app --branch hotfix --priority 50 --depends-on t-41',
    'gatehouse task add --repo app --key ABC-12 --title "Sort the list" --description "Newest first."',
  ],
  'task approve': ['gatehouse task approve t-42', 'gatehouse task approve t-42 --note "read by two people"'],
  'task depend': ['gatehouse task depend t-42 --on t-41'],
  'task ls': ['gatehouse task ls', 'gatehouse task ls --json'],
  'task show': ['gatehouse task show t-42'],
  'task retry': ['gatehouse task retry t-42'],
  'task stop': ['gatehouse task stop t-42', 'gatehouse task stop t-42 --reason "not wanted any more"'],
  'task override': [
    'gatehouse task override t-42 --check check_branch_mergeable --reason "the new test script was read"',
  ],
  queue: ['gatehouse queue', 'gatehouse queue --url https://queue.example --token "$TOKEN"'],
  flaky: ['gatehouse flaky', 'gatehouse flaky --repo app --json'],
  'notify test': ['gatehouse notify test', 'gatehouse notify test --route telegram'],
  'notify ls': ['gatehouse notify ls', 'gatehouse notify ls --state pending'],
  'notify resend': ['gatehouse notify resend 7', 'gatehouse notify resend --all'],
  pause: ['gatehouse pause', 'gatehouse pause --repo app'],
  resume: ['gatehouse resume', 'gatehouse resume --repo app'],
  leases: ['gatehouse leases'],
  logs: ['gatehouse logs 12', 'gatehouse logs 12 --tail 2000'],
  'baseline show': ['gatehouse baseline show'],
  'baseline set': ['gatehouse baseline set --repo app --covered 800 --total 1000 --reason "generated code left out"'],
  init: ['gatehouse init', 'gatehouse init --dry-run --base develop'],
  gate: [
    'gatehouse gate all',
    'gatehouse gate all --branch feature/x --base origin/main --format sarif=gate.sarif',
    `gatehouse gate security --repo ${AT_A_FORGE} --branch feature/x --json`,
    'gatehouse gate merge --repo . --branch feature/x --base develop --reports out',
  ],
  'coverage read': [
    'gatehouse coverage read coverage/lcov.info',
    'gatehouse coverage read cobertura.xml --json',
    'gatehouse coverage read cover.out --repo . --commit feature/x',
  ],
  'coverage diff': ['gatehouse coverage diff main.info branch.info', 'gatehouse coverage diff old.xml new.json --json'],
  'coverage annotate': [
    'gatehouse coverage annotate coverage/lcov.info',
    'gatehouse coverage annotate coverage.xml --base origin/main --format github',
  ],
  'coverage calibrate': ['gatehouse coverage calibrate', 'gatehouse coverage calibrate --branch main --runs 10 --json'],
  run: ['gatehouse run --timeout 15m -- npm test', 'gatehouse run --timeout 90s --grace 5s --json -- ./smoke.sh'],
  simulate: ['gatehouse simulate --seed 1 --lifetimes 1000'],
  completion: [
    'gatehouse completion bash > ~/.local/share/bash-completion/completions/gatehouse',
    'gatehouse completion zsh > ~/.zsh/completions/_gatehouse',
    'gatehouse completion fish > ~/.config/fish/completions/gatehouse.fish',
  ],
  help: ['gatehouse help task add', 'gatehouse help gates'],
};
