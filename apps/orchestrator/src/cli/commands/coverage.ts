/** The words of `gatehouse coverage`; its handlers are loaded when they run. */
import type { Command } from 'commander';
import type { AnnotateOptions } from '../coverage-reports/annotate.ts';
import type { CalibrateOptions } from '../coverage-reports/calibrate.ts';
import { formatting, type Session, withSettings } from '../session.ts';

/** Adds the commands to the program. */
export function coverageCommands(program: Command, session: Session): void {
  const coverage = program
    .command('coverage')
    .description('what a coverage report really says, alone and beside others');

  const read = coverage
    .command('read <file>')
    .description('what a report really says')
    .option('--repo <path>', 'place its names on a commit of this repository')
    .option('--commit <name>', 'which one (default: HEAD)')
    .option('--json', 'one object');
  read.action(async (file: string) => {
    const { coverageRead } = await import('../coverage-reports/read.ts');
    session.answer = await coverageRead(file, read.opts(), session.terminal);
  });

  const diff = coverage
    .command('diff <older> <newer>')
    .description('which files and lines two reports say differently')
    .option('--json', 'one object')
    .addHelpText('after', '\nLines are compared by number: they mean the same where a file did not change in between.');
  diff.action(async (older: string, newer: string) => {
    const { coverageDiff } = await import('../coverage-reports/diff.ts');
    session.answer = await coverageDiff(older, newer, session.terminal);
  });

  annotateCommand(coverage, session);
  calibrateCommand(coverage, session);
}

function annotateCommand(coverage: Command, session: Session): void {
  const annotate = formatting(
    locating(
      coverage
        .command('annotate <report>')
        .description('name the new lines that a report has no test for; nothing is run'),
    ).option('--json', 'one object'),
  ).addHelpText(
    'after',
    '\nExit status: 0 whatever the report says; 2 usage; 3 it cannot be read. What is judged is `gatehouse gate coverage`.',
  );
  annotate.action(async (report: string) => {
    const { coverageAnnotate } = await import('../coverage-reports/annotate.ts');
    session.answer = await coverageAnnotate(report, annotate.opts<AnnotateOptions>(), session.terminal);
  });
}

function calibrateCommand(coverage: Command, session: Session): void {
  const calibrate = locating(
    coverage
      .command('calibrate')
      .description('run the coverage command several times on one commit, and propose coverage.epsilon'),
  )
    .option('--config <file>', "gate definition; wins over the base's gatehouse.yaml")
    .option('--runs <number>', 'how often', '5')
    .option('--json', 'one object');
  calibrate.action(() =>
    withSettings(session, async (settings) => {
      const { coverageCalibrate } = await import('../coverage-reports/calibrate.ts');
      return coverageCalibrate(calibrate.opts<CalibrateOptions>(), settings, session.terminal);
    })(),
  );
}

const locating = (command: Command): Command =>
  command
    .option('--repo <path>', 'a clone on this machine', '.')
    .option('--branch <name>', 'a branch, HEAD, a commit (default: what CI names, else HEAD)')
    .option('--base <name>', 'where it would land (default: what CI names, else main)')
    .option('--fetch', 'bring what a shallow or partial clone lacks from its remote; moves no local branch');
