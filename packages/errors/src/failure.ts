/** A failure that the program expects and can explain: the user gets the message and the remedy. Exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly remedy: string;

  constructor(what: string, { remedy, cause }: { readonly remedy: string; readonly cause?: unknown }) {
    super(what, { cause });
    this.remedy = remedy;
  }
}
