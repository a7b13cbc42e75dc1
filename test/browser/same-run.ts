// A short run of the demo, reduced to a number: teacher, labels and students by all of the demo's targets, every bit of them
// hashed. The same code runs in Node and in the page.

import { type DistillOptions, distill } from '../../src/distill/index.ts'
import {
  type CategoricalPolicy,
  evaluatePolicy,
  finish,
  make,
  makeVec,
  ppo,
  ValueFunction,
} from '../../src/rl/index.ts'
import { getBackend } from '../../src/tensor/index.ts'
import * as plan from '../../studies/demo/plan.ts'

export interface RunDigest {
  readonly backend: string
  /** Of the teacher's parameters, of each student's labelled states and parameters. */
  readonly digests: readonly string[]
  /** Mean returns of teacher and students. */
  readonly returns: readonly number[]
}

const STEPS = 3072
const UPDATES = 200
const EPISODES = { episodes: 3, seed: 9 }

export function shortDemo(seed: number): RunDigest {
  const makeEnv = () => make(plan.ENV_ID)
  const options = { ...plan.teacher.options, totalTimesteps: STEPS, seed }
  const agent = finish(ppo(makeVec(plan.ENV_ID, plan.teacher.numEnvs), options))
  const digests = [digest(...numbersOf(agent))]
  const returns = [evaluatePolicy(agent as CategoricalPolicy, makeEnv, EPISODES).mean]
  for (const { target, options } of plan.methods) {
    const few = { ...plan.studentOptions, updates: UPDATES, roundUpdates: UPDATES, seed }
    const { student, dataset } = finish(distill(makeEnv(), agent, { ...few, ...options, target } as DistillOptions))
    digests.push(digest(dataset.column('observations')), digest(...numbersOf(student)))
    if (!((student as unknown) instanceof ValueFunction)) {
      returns.push(evaluatePolicy(student as CategoricalPolicy, makeEnv, EPISODES).mean)
    }
  }
  return { backend: getBackend(), digests, returns }
}

function numbersOf(source: {
  parameters(): Readonly<Record<string, { toArray(): ArrayLike<number> }>>
}): Float32Array[] {
  return Object.values(source.parameters()).map((each) => Float32Array.from(each.toArray()))
}

// FNV-1a over the bytes.
function digest(...arrays: readonly Float32Array[]): string {
  let hash = 0x811c9dc5
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
