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
