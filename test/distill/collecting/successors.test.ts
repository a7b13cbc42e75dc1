import { describe, expect, it } from 'vitest'
import { SuccessorModel } from '../../../src/distill/collecting/successors.ts'
import { CostRecord } from '../../../src/distill/dataset/provenance.ts'
import { teacherOf } from '../../../src/distill/teachers/teacher.ts'
import type { TeacherFunction } from '../../../src/distill/teachers/teacher-sources.ts'
import { type Env, make, makeVec } from '../../../src/rl/index.ts'
import { tensor, ValueError } from '../../../src/tensor/index.ts'
import { corridor, pendulum } from '../support.ts'

const values: TeacherFunction = ([x]) => ({ stateValues: 10 * x! })
const options = { gamma: 0.5, selection: 'random', jacobians: false }
const modelOf = (env: Env, changes: object = {}, isPlayed = true, source = values, cost = new CostRecord()) =>
  new SuccessorModel(env, teacherOf(source, env), { ...options, ...changes }, isPlayed, cost)
/** A model, and the environment steps that it has counted for a purpose. */
const countingModel = (env: Env, purpose: 'firstRound' | 'choice' = 'firstRound', source = values) => {
  const cost = new CostRecord()
  cost.purpose = purpose
  return { model: modelOf(env, {}, true, source, cost), steps: () => cost.environmentSteps[purpose] }
}

describe('the successors of a state', () => {
  it('are those of its two actions, with rewards, discounts and values; each took a step', () => {
    // A corridor of ten cells: cell x is observed as x / 9.
    const { model, steps } = countingModel(corridor() as never)
    const { observation: start } = model.env.reset({ seed: 0 })
    const { observation: second } = model.env.step(1)
    expect(steps()).toBe(0)
    const states = Float32Array.of(start[0]!, second[0]!)
    const labels = model.label(states, 2)
    expect([...labels.successors!].map((x) => Math.round(9 * x))).toEqual([0, 1, 0, 2])
    expect(labels.successorRewards).toEqual(Float32Array.of(-1, -1, -1, -1))
    expect(labels.successorDiscounts).toEqual(Float32Array.of(0.5, 0.5, 0.5, 0.5))
    expect([...labels.successorValues!].map((x) => Math.round((9 * x) / 10))).toEqual([0, 1, 0, 2])
    expect(steps()).toBe(4)
  })

  it('are compared within their state', () => {
    const model = modelOf(corridor() as never)
    const places = [model.env.reset({ seed: 0 }).observation]
    for (let i = 0; i < 5; i++) places.push(model.env.step(1).observation)
    const { successors } = model.label(Float32Array.of(places[5]![0]!, places[0]![0]!), 2)
    expect([...successors!].map((x) => Math.round(9 * x))).toEqual([4, 6, 0, 1])
  })

  it('have no discount at the end of an episode', () => {
    const model = modelOf(corridor() as never)
    model.env.reset({ seed: 0 })
    let last: Float32Array = new Float32Array()
    for (let i = 0; i < 8; i++) last = model.env.step(1).observation
    model.env.step(1)
    const { successorDiscounts, successors } = model.label(last, 1)
    expect([...successors!].map((x) => Math.round(9 * x))).toEqual([7, 9])
    expect(successorDiscounts).toEqual(Float32Array.of(0.5, 0))
    // The end itself is no state to act in, so it is not kept.
    expect(() => model.label(Float32Array.of(1), 1)).toThrow()
  })

  it('of three actions are the two that lie farthest apart: those of full thrust to either side', () => {
    const env = make('MountainCar-v0')
    const source: TeacherFunction = ([, speed]) => ({ stateValues: speed! })
    const { model, steps } = countingModel(env, 'firstRound', source)
    const { observation } = model.env.reset({ seed: 3 })
    const { observation: next } = model.env.step(2)
    const { successors, successorValues } = model.label(Float32Array.from([...observation, ...next]), 2)
    expect(steps()).toBe(6)
    // Thrust changes the speed by 0.001.
    for (const k of [0, 1]) {
      const [left, right] = [successors![4 * k + 1]!, successors![4 * k + 3]!]
      expect(right - left).toBeCloseTo(0.002, 6)
      expect([successorValues![2 * k], successorValues![2 * k + 1]]).toEqual([left, right])
    }
  })
})

it('play by a look-ahead: takes the action with the better r + γ V, and leaves the environment where it is', () => {
  const { model, steps } = countingModel(corridor() as never, 'choice')
  model.env.reset({ seed: 0 })
  model.env.step(1)
  const by = (sign: number) =>
    model.player({ observationSize: 1, stateValues: (x) => tensor(Array.from(x.view(), (each) => sign * each)) })
  const state = Float32Array.of(1 / 9)
  expect([by(1), by(-1), by(1)].map((player) => [...player.actBatch(state)])).toEqual([[1], [0], [1]])
  expect(steps()).toBe(6)
  expect(Math.round(9 * model.env.step(1).observation[0]!)).toBe(2)
})

it.each([
  ['a vector environment', () => modelOf(makeVec('CartPole-v1', 2) as never), /is a vector environment, whose states/],
  [
    'vectors',
    () => modelOf(pendulum() as never, {}, true),
    /a look-ahead compares discrete actions; Pendulum-v1 has Box/,
  ],
  [
    'a teacher without values',
    () => modelOf(corridor() as never, {}, true, () => ({ logits: [0, 1] })),
    /gives logits; expected state values or action values/,
  ],
  ['states of a box', () => modelOf(corridor() as never, { selection: 'box' }), /must be played here.*no rollout/],
  ['a rollout', () => modelOf(corridor() as never, {}, false), /must be played here/],
  ['Jacobians', () => modelOf(corridor() as never, { jacobians: true }), /jacobians are derivatives of labels/],
])('what cannot look ahead: is refused: %s', (_, make, message) => {
  expect(make).toThrow(ValueError)
  expect(make).toThrow(message)
})
