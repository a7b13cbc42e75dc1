// Searches one case for a counterexample and shrinks it (fast-check), with progress.

import fc from 'fast-check'
import { formatCount } from '../../src/plot/index.ts'
import { DeviceError, ValueError } from '../../src/tensor/index.ts'
import { startProgress } from '../../studies/lib/progress.ts'
import { cotangentOf, seeds } from '../../test/support/arbitraries.ts'
import type { GradientCall } from '../../test/support/gradient-case.ts'
import { expectGradients, expectSecondGradients } from '../../test/support/gradients.ts'
import type { Mismatch } from '../../test/support/parity.ts'
import { expectParity, ParityError } from './backends.ts'
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
  /** Of a backend; null where gradients were compared with central differences, or the call failed. */
  readonly mismatch: Mismatch | null
}

export interface Outcome {
  readonly searched: NamedCase
  readonly runs: number
  readonly milliseconds: number
  /** `absent`: the case does not run on the backend. */
  readonly result: 'held' | 'BROKEN' | 'absent'
  /** Where the result is `BROKEN`. */
  readonly broken: Counterexample | null
}

const MOST_RUNS = 2 ** 31 - 1

/** Runs until a counterexample is found and shrunk, or the budget is used up. */
export async function search(searched: NamedCase, options: SearchOptions): Promise<Outcome> {
  const { seed, seconds, path, backend } = options
  const started = performance.now()
  const progress = progressOf(searched, options, started)
  // Asynchronous, because a GPU is.
  const property = fc.asyncProperty(searched.calls, seeds(), async (call, from) => {
    progress.count()
    try {
      if (backend === undefined) {
        expectGradients(call, cotangentOf(from))
        expectSecondGradients(call, cotangentOf(from))
      } else await expectParity(backend, call, from)
    } catch (error) {
      progress.failed()
      throw error
    }
  })
  const budget =
    seconds === undefined ? { numRuns: options.runs } : { numRuns: MOST_RUNS, interruptAfterTimeLimit: seconds * 1000 }
  const replay = path === undefined ? {} : { path, numRuns: 1, endOnFailure: true }
  const details = await checked(property, { seed, ...budget, ...replay })
  const found = details.counterexample === null ? null : counterexampleOf(details)
  const isAbsent = backend !== undefined && details.errorInstance instanceof DeviceError
  const result = found === null ? 'held' : isAbsent ? 'absent' : 'BROKEN'
  progress.finish(`${formatCount(details.numRuns)} ${details.numRuns === 1 ? 'run' : 'runs'}, ${result}`)
  const milliseconds = performance.now() - started
  return { searched, runs: details.numRuns, milliseconds, result, broken: result === 'BROKEN' ? found : null }
}

/** `fc.check`. Throws a `ValueError` for a path that leads to no run: fast-check throws there, or runs nothing. */
async function checked<T>(property: fc.IAsyncProperty<T>, parameters: fc.Parameters<T>): Promise<fc.RunDetails<T>> {
  const { path, seed } = parameters
  const check = async () => fc.check(property, parameters)
  if (path === undefined) return check()
  const details = await check().catch(() => null)
  if (details === null || details.numRuns === 0) {
    throw new ValueError(`--path: no run of seed ${seed} has the path "${path}"`)
  }
  return details
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
    mismatch: error instanceof ParityError ? error.mismatch : null,
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
    finish: bar.finish,
  }
}
