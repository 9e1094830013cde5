/** The command that writes every table of this package, as the user types it. */
export const MADE_BY = 'retail-build-tensors';
