/** Where in a file something is wrong. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number | string;
}

export interface InputErrorDetails {
  /** What is wrong, one sentence without a full stop. */
  readonly what: string;
  /** Where it is wrong. `column` is a number or a column's name. */
  readonly where?: Location;
  /** What the user does about it: a command, a flag, an edit. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** Bad input or usage: the user can mend it, so the message says where and how. Commands exit with code 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly what: string;
  readonly where: Location | undefined;
  readonly remedy: string;

  constructor({ what, where, remedy, cause }: InputErrorDetails) {
    super(where === undefined ? what : `${formatLocation(where)}: ${what}`, { cause });
    this.what = what;
    this.where = where;
    this.remedy = remedy;
  }
}

/** `file`, `file:line` or `file:line:column`, as editors and terminals link them. */
export function formatLocation({ file, line, column }: Location): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}
