// A distillation saved at any report and resumed elsewhere ends with the bits of one that was not interrupted.

import { describe, expect, it } from 'vitest'
import { type DistillOptions, distill } from '../../src/distill/distill.ts'
import type { TeachingAgent } from '../../src/distill/teaching-agent.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import type { HasParameters } from '../../src/nn/module.ts'
import type { SavedTraining } from '../../src/rl/saved-training.ts'
import { finish } from '../../src/rl/training.ts'
import type { Envs } from '../../src/rl/vector/as-vector.ts'
import { cartPole, contentsOf, pendulum, someAgent, somePendulumTeachers } from './support.ts'

const options = { labels: 12, rounds: 3, hidden: [4], rolloutSteps: 60, updates: 5, roundUpdates: 3, seed: 2 } as const
const tasks: Record<string, () => readonly [Envs, TeachingAgent]> = {
  discrete: () => [cartPole(), someAgent()],
  continuous: () => [pendulum(), somePendulumTeachers.gaussian()],
}

describe.each(Object.entries(tasks))('%s actions', (name, task) => {
  const ways: [string, DistillOptions][] = [
    ['fresh students', {}],
    ['warm students', { warmStart: true }],
    ['the labels of the last round', { aggregate: false }],
    ...(name === 'discrete'
      ? [['disagreement', { selection: 'disagreement', committee: 2 }] as [string, DistillOptions]]
      : []),
  ]
  it.each(ways)('%s', (_, way) => {
    const saved: SavedTraining[] = []
    const [env, teacher] = task()
    const training = distill(env, teacher, { ...options, ...way })
    let step = training.next()
    for (; !step.done; step = training.next()) saved.push(structuredClone(step.value.save()))
    const end = step.value
    expect(saved.length).toBe(3 + 3 + 3 + 5)
    for (const [i, resume] of saved.entries()) {
      const again = finish(distill(task()[0], task()[1], { ...options, ...way, resume }))
      expect(contentsOf(again.dataset), `report ${i}`).toEqual(contentsOf(end.dataset))
      const bytes = (student: unknown) => saveParameters(student as HasParameters)
      expect(bytes(again.student), `report ${i}`).toEqual(bytes(end.student))
      expect(again.metrics).toEqual(end.metrics)
    }
  })
})

it('what was started with other options is not resumed', () => {
  const { value } = distill(cartPole(), someAgent(), options).next()
  const resume = (value as { save(): SavedTraining }).save()
  expect(() => distill(cartPole(), someAgent(), { ...options, updates: 6, resume })).toThrow(/updates/)
})
