export { ExitCode } from './exit-code.js';
export { Failure } from './failure.js';
export { formatLocation, InputError, type InputErrorDetails, type Location } from './input-error.js';
