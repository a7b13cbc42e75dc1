// Searches one case for a counterexample and shrinks it (fast-check), with progress.

import fc from 'fast-check'
import { formatCount } from '../../src/plot/index.ts'
import { startProgress } from '../../studies/lib/progress.ts'
import { cotangentOf, seeds } from '../../test/support/arbitraries.ts'
import type { GradientCall } from '../../test/support/gradient-case.ts'
import { expectGradients } from '../../test/support/gradients.ts'
import { parityError } from './backends.ts'
import type { NamedCase } from './cases.ts'

export interface SearchOptions {
  readonly seed: number
  readonly runs: number
  /** Ends the search of a case after this time instead of after `runs`. */
  readonly seconds?: number | undefined
  /** Replays one run of `seed`: the path that a counterexample was printed with. */
  readonly path?: string | undefined
  /** Compares values and gradients in float32 on this backend with float64 instead of with central differences. */
  readonly backend?: string | undefined
}

export interface Counterexample {
  readonly call: GradientCall
  /** Of the cotangent: see `cotangentOf`. */
  readonly cotangentSeed: number
  /** Replays it with the seed of the search. */
  readonly path: string
  readonly shrinks: number
  readonly message: string
}

export interface Outcome {
  readonly searched: NamedCase
  readonly runs: number
  readonly milliseconds: number
  /** Null: the equation held in every run. */
  readonly broken: Counterexample | null
}

const MOST_RUNS = 2 ** 31 - 1

/** Runs until a counterexample is found and shrunk, or the budget is used up. */
export async function search(searched: NamedCase, options: SearchOptions): Promise<Outcome> {
  const { seed, seconds, path, backend } = options
  const started = performance.now()
  const progress = progressOf(searched, options, started)
  const seen = <T>(check: () => T): T => {
    progress.count()
    try {
      return check()
    } catch (error) {
      progress.failed()
      throw error
    }
  }
  const property =
    backend === undefined
      ? fc.property(searched.calls, seeds(), (call, from) => seen(() => expectGradients(call, cotangentOf(from))))
      : fc.asyncProperty(searched.calls, seeds(), async (call, from) => {
          const error = await parityError(backend, call, from)
          seen(() => {
            if (error !== null) throw new Error(error)
          })
        })
  const details = await fc.check(property as fc.IAsyncProperty<[GradientCall, number]>, {
    seed,
    numRuns: seconds === undefined ? options.runs : MOST_RUNS,
    ...(seconds === undefined ? {} : { interruptAfterTimeLimit: seconds * 1000 }),
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  })
  const broken = details.counterexample === null ? null : counterexampleOf(details)
  progress.finish(details.numRuns, broken === null)
  return { searched, runs: details.numRuns, milliseconds: performance.now() - started, broken }
}

function counterexampleOf(details: fc.RunDetails<[GradientCall, number]>): Counterexample {
  const [call, cotangentSeed] = details.counterexample!
  const error = details.errorInstance
  return {
    call,
    cotangentSeed,
    path: details.counterexamplePath!,
    shrinks: details.numShrinks,
    message: error instanceof Error ? error.message : String(error),
  }
}

function progressOf({ kind, name }: NamedCase, { runs, seconds, path }: SearchOptions, started: number) {
  const total = seconds ?? (path === undefined ? runs : 1)
  const bar = startProgress(`${kind} ${name}`, total, seconds === undefined ? 'runs' : 's')
  let count = 0
  let note = 'held so far'
  return {
    /** Called in every run, those of the shrinking included. */
    count() {
      count++
      bar.update(seconds === undefined ? count : Math.floor((performance.now() - started) / 1000), note)
    },
    failed() {
      note = 'broken, shrinking'
    },
    finish: (done: number, held: boolean) =>
      bar.finish(`${formatCount(done)} ${done === 1 ? 'run' : 'runs'}, ${held ? 'held' : 'BROKEN'}`),
  }
}
