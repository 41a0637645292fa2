/** Where one claim of a job works and what it leaves there. */
export interface CheckWorkspace {
  /** A private checkout this check may fill and clean. */
  readonly slotDir: string;
  /** Where 17- and 18- reports go. */
  readonly reportsDir: string;
  readonly logDir: string;
}

/** File name of a kept coverage measurement, among the reports. */
export const MEASUREMENT = 'coverage-measurement.json';

/** File name of what the test run of the merge check covered, among the reports of that check. */
export const TEST_RUN = 'test-run-coverage.json';
