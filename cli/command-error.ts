/** An error that the person at the terminal can act on: its message is printed as one line, without a stack. */
export class CommandError extends Error {}
