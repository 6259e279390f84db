import Runner from 'jest-runner';

/** Suites that each load the machine, or hold a browser: one at a time, beside the others. */
export default class Lanes extends Runner {
  constructor(globalConfig, context) {
    super(globalConfig, context);
    this.alone = new Runner({ ...globalConfig, maxWorkers: 1 }, context);
  }

  on(event, listener) {
    const stops = [super.on(event, listener), this.alone.on(event, listener)];
    return () => stops.forEach((stop) => stop());
  }

  async runTests(tests, watcher, options) {
    const isAlone = (test) => test.context.config.displayName?.name === 'alone';
    await Promise.all([
      this.alone.runTests(tests.filter(isAlone), watcher, options),
      super.runTests(
        tests.filter((test) => !isAlone(test)),
        watcher,
        options,
      ),
    ]);
  }
}
