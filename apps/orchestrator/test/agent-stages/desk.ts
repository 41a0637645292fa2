/** A repository whose agents are one shell script, which does at a task and a stage what a file of the test says, else what is asked. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FullProfile } from '../full-profile.ts';
import { type Change, Forge, scratchFolder } from '../scratch-forge.ts';
import { REPORTS, type Stage } from './cells.ts';

const FILES = {
  'gatehouse.yaml':
    'version: 1\ntest: { command: sh check.sh, timeout: 60s }\nsecurity: { large_files: block, max_file_size: 1MiB }\n',
  'check.sh': 'if [ -e broken ]; then echo "the file broken is there"; exit 1; fi\n',
};

const usual = Object.entries(REPORTS)
  .map(([stage, role]) => `${stage}) paper '${role?.opens}' 'as it should be' ;;`)
  .join('\n  ');

const script = (desk: string): string => `DESK='${desk}'
PAPERS=docs/work-items/$GATEHOUSE_TASK_NAME
keep() { git add -A && git commit -qm "$GATEHOUSE_STAGE $GATEHOUSE_TRY"; }
text() { mkdir -p "\${GATEHOUSE_ARTEFACT%/*}"; printf '%s\\n' "$1" > "$GATEHOUSE_ARTEFACT"; }
paper() { text "---
$1
attempt: \\"$GATEHOUSE_ATTEMPT\\"
---
$2"; }
analysis() { mkdir -p $PAPERS; echo "$1" > $PAPERS/01-analysis.md; keep; }
work() { echo "$GATEHOUSE_TASK_NAME $GATEHOUSE_TRY" > $GATEHOUSE_TASK_NAME.txt; keep; }
usual() { case $GATEHOUSE_STAGE in
  analysis) analysis understood ;;
  development) work ;;
  ${usual}
esac; }
at=$DESK/$GATEHOUSE_TASK_NAME.$GATEHOUSE_STAGE
cp "$GATEHOUSE_PROMPT" "$at.$GATEHOUSE_TRY.md"
echo begin >> $DESK/log
if [ -f "$at" ]; then . "$at"; else usual; fi
status=$?
echo end >> $DESK/log
exit $status
`;

export interface DeskPlan {
  readonly timeout?: string;
  readonly ci?: string;
  readonly files?: Change;
}

export class Desk {
  readonly full: FullProfile;
  readonly #desk: string;

  private constructor(full: FullProfile) {
    this.full = full;
    this.#desk = join(full.folder, 'desk');
  }

  /** Agents are ended after `timeout`; `files` are more of main. */
  static async make({ timeout = '6s', ci = 'sh check.sh', files = {} }: DeskPlan = {}): Promise<Desk> {
    const folder = scratchFolder();
    const forge = await Forge.make({ ...FILES, ...files }, folder);
    const policy = join(folder, 'operator.yaml');
    const desk = new Desk({ forge, folder, policy, play: () => {} });
    mkdirSync(desk.#desk);
    const agent = join(desk.#desk, 'agent.sh');
    writeFileSync(agent, script(desk.#desk));
    const agents = { command: `. '${agent}'`, timeout, env: ['PATH'] };
    writeFileSync(policy, JSON.stringify({ version: 1, agents, ci: { command: ci } }));
    return desk;
  }

  /** From now on, that is what the agent of this task and stage does. */
  arm(key: string, stage: Stage, code: string): void {
    writeFileSync(join(this.#desk, `${key}.${stage}`), `${code}\n`);
  }

  /** What is asked again is done as it should be. */
  calm(key: string, stage: Stage): void {
    rmSync(join(this.#desk, `${key}.${stage}`), { force: true });
  }

  hangs(key: string): boolean {
    return existsSync(join(this.#desk, `${key}.hangs`));
  }

  /** How many agents were at work at once, at most. One that was ended from outside never says that it ended. */
  mostAtOnce(): number {
    let now = 0;
    const counts = readFileSync(join(this.#desk, 'log'), 'utf8')
      .split('\n')
      .map((line) => {
        now += line === 'begin' ? 1 : line === 'end' ? -1 : 0;
        return now;
      });
    return Math.max(...counts);
  }

  /** Null: that attempt was not made. */
  prompt(key: string, stage: Stage, attempt: number): string | null {
    const path = join(this.#desk, `${key}.${stage}.${attempt}.md`);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }
}
