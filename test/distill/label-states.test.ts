// Chosen states, labelled; and students in the middle of their training.

import { describe, expect, it } from 'vitest'
import { distill, labelStates } from '../../src/distill/index.ts'
import { finish, make } from '../../src/rl/index.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { type Tensor, tensor } from '../../src/tensor/index.ts'

const env = make('CartPole-v1')
const teacher = (observation: Float32Array) => ({ actionValues: [-observation[2]!, observation[2]!] })
const options = { labels: 20, rounds: 1, rolloutSteps: 200, hidden: [8], finalStudents: 1, seed: 3 } as const

describe('labelStates', () => {
  it('labels chosen states alone, each once', () => {
    const dataset = labelStates(env, teacher, Float32Array.of(0, 0, 0.5, 0, 0, 0, 0.25, 0, 0, 0, 0.5, 0))
    expect(Array.from(dataset.column('actionValues'))).toEqual([-0.5, 0.5, -0.25, 0.25])
    expect([dataset.size, dataset.labels, dataset.cost.teacherEvaluations]).toEqual([2, 2, 2])
  })

  it('adds states to those of play and labels no state again', () => {
    const { dataset } = finish(distill(env, teacher, { ...options, updates: 0 }))
    const again = dataset.observation(4)
    const more = labelStates(env, teacher, Float32Array.of(...again, 1, 0, 0.5, 0), dataset)
    expect([more.size, more.labels, dataset.labels]).toEqual([21, 21, 20])
    expect(more.cost.teacherEvaluations).toBe(dataset.cost.teacherEvaluations + 1)
    expect(more.column('actionValues').subarray(0, 40)).toEqual(dataset.column('actionValues'))
    expect(more.has('returns')).toBe(false)
    expect(finish(distill(env, null, { dataset: more, hidden: [8], updates: 5 })).dataset.size).toBe(21)
  })

  it('refuses half a state', () => {
    expect(() => labelStates(env, teacher, new Float32Array(6))).toThrow('6 numbers are no whole states of 4')
  })
})

describe('the student of a report', () => {
  it('plays raw observations at any time, like the finished one, without a change of the training', () => {
    const states = Float32Array.of(0.1, 0.5, 0.02, -0.3, -1, 0.2, -0.1, 0.4)
    const run = (isWatched: boolean) => {
      const training = distill(env, teacher, { ...options, updates: 40 })
      let student: TeachingPolicy | undefined
      for (;;) {
        const { done, value } = training.next()
        if (done) return { finished: value.student, student }
        if (!isWatched) continue
        student = value.student()
        expect(student === undefined).toBe(value.phase === 'label')
        if (student) expect(student.actBatch!(states)).toHaveLength(2)
      }
    }
    const logits = (agent: object) => {
      const { network } = agent as { network: { forward(x: Tensor): Tensor } }
      return Array.from(network.forward(tensor(states, [2, 4])).view())
    }
    const { finished, student } = run(true)
    expect(logits(student!)).toEqual(logits(finished))
    expect(logits(run(false).finished)).toEqual(logits(finished))
  })

  it('scales observations as its training does', () => {
    const far = (observation: Float32Array) => ({ actionValues: [100 - observation[0]!, observation[0]! - 100] })
    const states = Float32Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 99 + i / 20 : 0))
    const training = distill(env, null, { dataset: labelStates(env, far, states), hidden: [8], updates: 200 })
    const actions: Int32Array[] = []
    for (const { student } of { [Symbol.iterator]: () => training }) {
      actions.push(student()!.actBatch!(Float32Array.of(99.5, 0, 0, 0, 100.5, 0, 0, 0)) as Int32Array)
    }
    expect(actions.slice(100).map((each) => [...each])).toEqual(new Array(100).fill([0, 1]))
  })
})
