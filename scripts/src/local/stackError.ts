/** What a command ends with when the operator has to do something: its message is printed as it is, the exit code is 1. */
export class StackError extends Error {
  readonly code = 'STACK';
}
