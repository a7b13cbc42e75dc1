// A short run of the demo, reduced to a number: teacher, labels and students by all of the demo's targets, every bit of them
// hashed. The same code runs in Node and in the page.

import { distill, fitStudent, prepareObjective } from '../../src/distill/index.ts'
import { MLP } from '../../src/nn/index.ts'
import { type CategoricalPolicy, dqn, evaluatePolicy, finish, make, ValueFunction } from '../../src/rl/index.ts'
import { getBackend, Rng } from '../../src/tensor/index.ts'
import * as plan from '../../studies/demo/plan.ts'

export interface RunDigest {
  readonly backend: string
  /** Of the teacher's parameters, the labelled states, each student's parameters. */
  readonly digests: readonly string[]
  /** Mean returns of teacher and students. */
  readonly returns: readonly number[]
}

const STEPS = 3000
const UPDATES = 200
const EPISODES = { episodes: 3, seed: 9 }

export function shortDemo(seed: number): RunDigest {
  const makeEnv = () => make(plan.ENV_ID)
  const agent = finish(dqn(makeEnv(), { ...plan.teacherOptions, totalTimesteps: STEPS, seed }))
  const { dataset } = finish(distill(makeEnv(), agent, { ...plan.collection, labels: plan.LABELS, seed, updates: 0 }))
  const digests = [digest(...numbersOf(agent)), digest(dataset.column('observations'))]
  const returns = [evaluatePolicy(agent, makeEnv, EPISODES).mean]
  for (const { target, options = {} } of plan.methods) {
    const objective = prepareObjective(target, dataset, options)
    const network = new MLP([dataset.observationSize, ...plan.STUDENT_HIDDEN, objective.outputs], new Rng(seed))
    const student: unknown = finish(fitStudent(network, dataset, objective, { seed, updates: UPDATES }))
    digests.push(digest(...numbersOf(network)))
    if (!(student instanceof ValueFunction))
      returns.push(evaluatePolicy(student as CategoricalPolicy, makeEnv, EPISODES).mean)
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
