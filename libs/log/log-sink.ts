/** Where the log library writes its lines. Nest's Logger fits; these lines never become events. */
export interface LogSink {
  debug(message: string): void;
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** For tools that have nothing to say. */
export const silent: LogSink = { debug() {}, log() {}, warn() {}, error() {} };
