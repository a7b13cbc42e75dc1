// Grades an answer: compiles it, searches for a counterexample and puts the smallest one into words.

import fc from 'fast-check'
import { library } from '../client/library.ts'
import { type Print, runProgram } from '../client/program.ts'
import type { Grade } from '../client/workers/protocol.ts'
import { type Answer, Mismatch } from './exercise.ts'
import { exercises } from './index.ts'

const CASES = 300

/** An answer's function, or what is missing. Throws what the program throws. */
export async function compiled(name: string, code: string, print: Print = () => {}): Promise<unknown> {
  return (await runProgram(code, library, print))[exercises[name]!.name]
}

interface Search {
  /** Default: another one each time. */
  readonly seed?: number
  /** Keeps the first counterexample, which is longer and found sooner than the smallest. */
  readonly endOnFailure?: boolean
}

/** Searches for a case in which the answer is wrong. */
export function check(name: string, answer: unknown, search: Search = {}): Grade {
  const { name: wanted, solution, property } = exercises[name]!
  if (!isFunction(answer)) {
    return { passed: false, cases: 0, solution, counterexample: `The answer exports no function named ${wanted}.` }
  }
  const { failed, numRuns, errorInstance } = fc.check(property(answer), { numRuns: CASES, ...search })
  if (!failed) return { passed: true, cases: numRuns, solution }
  if (!(errorInstance instanceof Mismatch)) throw errorInstance
  return { passed: false, cases: numRuns, solution, counterexample: errorInstance.message }
}

function isFunction(value: unknown): value is Answer {
  return typeof value === 'function'
}
