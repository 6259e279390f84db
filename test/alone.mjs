import Runner from 'jest-runner';

/** Runs its suites after all others, one at a time. */
export default class Alone extends Runner {
  isSerial = true;
}
