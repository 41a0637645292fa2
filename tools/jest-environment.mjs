/** The surroundings of a test file under `jest-runtime.mjs`: the worker's own, put back as they were when the file is over. */
export default class Surroundings {
  global = globalThis;
  #console = globalThis.console;
  #exit = process.exit;
  #env = { ...process.env };
  #folder = process.cwd();

  async setup() {}

  async teardown() {
    globalThis.console = this.#console;
    process.exit = this.#exit;
    for (const name of Object.keys(process.env)) if (!(name in this.#env)) delete process.env[name];
    Object.assign(process.env, this.#env);
    process.chdir(this.#folder);
  }

  exportConditions() {
    return [];
  }

  getVmContext() {
    return null;
  }
}
