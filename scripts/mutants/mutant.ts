// One deliberate error: a text of a source file, found there exactly once, and what it is replaced by.

export interface Mutant {
  readonly file: string
  readonly find: string
  readonly replace: string
  /** The test files that should notice. */
  readonly tests: readonly string[]
  /** Why the error has no observable effect. Such a mutant is not run. */
  readonly equivalent?: string
}

type Change = readonly [find: string, replace: string, equivalent?: string]

/** Errors of one source file that the same tests should notice. */
export function mutantsOf(file: string, tests: readonly string[], changes: readonly Change[]): Mutant[] {
  return changes.map(([find, replace, equivalent]) => {
    return { file, find, replace, tests, ...(equivalent === undefined ? {} : { equivalent }) }
  })
}
