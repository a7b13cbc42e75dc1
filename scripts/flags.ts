// Parses the flags of a program of this folder. On an invalid flag it prints one line and exits with code 2.

import { type Command, CommanderError } from 'commander'
import { AlambicError } from '../src/tensor/errors.ts'

export function flagsOf<Flags extends object>(command: Command, argv: readonly string[] = process.argv): Flags {
  try {
    return command
      .exitOverride()
      .parse([...argv])
      .opts<Flags>()
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2) // commander has printed it
    if (error instanceof AlambicError) refuse(error.message)
    throw error
  }
}

/** Ends the program because of invalid arguments. */
export function refuse(message: string): never {
  console.error(`error: ${message}`)
  process.exit(2)
}
