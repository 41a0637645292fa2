/** What `gatehouse help TOPIC` explains. Loaded when it is asked. */

export interface Topic {
  readonly about: string;
  readonly text: string;
}

export const TOPICS: Readonly<Record<string, Topic>> = {
  gates: {
    about: 'what the gates ask, and what a verdict means',
    text: `security   does the branch add a secret or a dependency that is known to be vulnerable?
merge      caught up with main, is the branch green? A red that main shows as well, or that does not repeat, is not blamed on it
coverage   does the change erode coverage?
all        the three in this order; it stops at the first that does not open

pass   the change may go on
fail   the change is at fault, and the findings say how
defer  the change is not at fault: the machine, main, or a lease; ask again
error  the gate could not decide; it is never taken for a pass
skip   switched off or out of scope, with the reason

How a branch is tested stands in gatehouse.yaml on main, never on the branch; without one a default is detected.
Next: gatehouse gate all --repo . --branch BRANCH`,
  },
  'exit-status': {
    about: 'what the number means that a command ends with',
    text: `0    pass, or skip
1    fail: the change is at fault
2    usage: the words are wrong, and nothing was done
3    error: it could not be decided or done
75   defer: nobody is at fault; ask again

gatehouse run ends as its command does: its own status, 128 + n on signal n; 124 at the deadline, 125 when we failed, 126 or 127 when
the command cannot start.`,
  },
  token: {
    about: 'how a command finds the service, and who it is there',
    text: `Where   --url, else ORCH_HOST [127.0.0.1] at ORCH_PORT [8787]
Who     --token, else GATEHOUSE_TOKEN, else ORCH_API_TOKEN, else the file api-token in ORCH_DATA_DIR [.gatehouse in this directory]

From another directory than the service's, name its data directory or hand the token over:
  ORCH_DATA_DIR=/srv/gatehouse/.gatehouse gatehouse queue
  export GATEHOUSE_TOKEN=$(cat /srv/gatehouse/.gatehouse/api-token)
Tokens of people, each with its rights (read, operate, admin), a line each in the file ORCH_API_TOKENS_FILE; the file api-token then
counts no more:
  TOKEN=$(openssl rand -hex 24)
  echo "mia operate $(printf %s "$TOKEN" | sha256sum | cut -d ' ' -f 1)" >> /etc/gatehouse/tokens`,
  },
  output: {
    about: 'JSON, colour, width and progress',
    text: `--json           one object on stdout; all else on stderr. Its shapes are frozen
--color WHEN     auto (default: on a terminal), always, never. NO_COLOR and FORCE_COLOR are honoured; --color wins
-q, --quiet      no progress on stderr
COLUMNS          width of tables on a terminal [its own]; in a pipe nothing is cut

Progress is one live line on a terminal, and plain lines now and then elsewhere; it is never on stdout. What a gate took on a
terminal is kept in ~/.cache/gatehouse, to be expected the next time; elsewhere nothing is kept.`,
  },
  formats: {
    about: 'what gatehouse gate and audit write, and where',
    text: `--format NAME        on stdout: text (default), json, sarif, junit, markdown, github
--format NAME=FILE   into a file, which and whose directory are made; may be given again: --format sarif=out/gate.sarif --format junit=gate.xml
--output FILE        where the one --format goes that names no file
--json               the same as --format json

sarif      for code scanning (GitHub, GitLab, editors)     junit   for the test pages of CI systems
markdown   for a page or a comment                         github  annotations, as GitHub Actions and Gitea Actions read them
In GitHub Actions and Gitea Actions gatehouse gate writes the summary of the job, too; --no-summary keeps it out.
Next: gatehouse gate --help`,
  },
  agents: {
    about: 'what an agent is told, and what it answers',
    text: `Agents are commands of the operator's file (gatehouse repo add … --policy FILE --profile full):
  agents: { command: 'my-agent < "$GATEHOUSE_PROMPT"', timeout: 30m }

GATEHOUSE_PROMPT    path of a file with the prompt, outside the clone; it is not the prompt itself
GATEHOUSE_ARTEFACT  path of the report that the stage asks for; unset where it asks for none
GATEHOUSE_ROLE, _STAGE, _TASK, _TASK_NAME, _BRANCH, _COMMIT, _TRY, _ATTEMPT

gatehouse agent try ROLE --repo R --policy FILE shows the whole prompt, what the agent left and the verdict.

Its working directory is a private clone; it ends with status 0 when its work is done, and its branch is fetched from there.`,
  },
};
