export { ExitCode } from './exit-code.js';
export { formatLocation, InputError, type InputErrorDetails, type Location } from './input-error.js';
