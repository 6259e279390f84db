/**
 * Where the log library writes its lines. Nest's Logger fits; these lines never become events.
 * `facts` are fields of the line (group, topic, partition …), to search by.
 */
export interface LogSink {
  debug(message: string, facts?: object): void;
  log(message: string, facts?: object): void;
  warn(message: string, facts?: object): void;
  error(message: string, facts?: object): void;
}

/** For tools that have nothing to say. */
export const silent: LogSink = { debug() {}, log() {}, warn() {}, error() {} };
