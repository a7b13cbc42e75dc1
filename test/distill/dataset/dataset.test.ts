import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnNames, type DatasetColumns, LabelledDataset, type Labels } from '../../../src/distill/dataset/dataset.ts'
import { loadDataset, saveDataset } from '../../../src/distill/dataset/dataset-files.ts'
import { concatDatasets, relabel, selectRows } from '../../../src/distill/dataset/dataset-operations.ts'
import { noCost } from '../../../src/distill/dataset/provenance.ts'
import { Box, Discrete, make } from '../../../src/rl/index.ts'
import { CheckpointError, ShapeError, ValueError } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import { cartPole, contentsOf, pendulum, someDataset, somePendulumTeachers } from '../support.ts'

const some = someDataset()
const discrete = { envId: 'Somewhere-v0', observationSize: 2, actionSpace: new Discrete(3) }
const continuous = { envId: 'Elsewhere-v0', observationSize: 1, actionSpace: new Box([-1, -2], [1, 2]), squashed: true }

/** The columns of a dataset, some of them changed. */
function columnsOf(dataset: LabelledDataset, changes: Partial<DatasetColumns> = {}): DatasetColumns {
  return { ...(dataset.save().columns as unknown as DatasetColumns), ...changes }
}

describe('a labelled dataset', () => {
  it('grows row by row, and asks the teacher about each row once', () => {
    const dataset = new LabelledDataset(discrete)
    const asked: number[][] = []
    const teacher = {
      label(observations: Float32Array, count: number) {
        asked.push(Array.from(observations))
        return { logits: Float32Array.from({ length: 3 * count }, (_, i) => observations[0]! + i) }
      },
    }
    dataset.add({ observation: Float32Array.of(1, 2), action: [2], return: 0.5 })
    dataset.add({ observation: Float32Array.of(3, 4), action: [0], return: 1.5 })
    dataset.label(teacher)
    dataset.add({ observation: Float32Array.of(5, 6), action: [1], return: 2.5 })
    dataset.label(teacher)
    dataset.label(teacher)
    expect(asked).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ])
    expect([dataset.size, dataset.labels]).toEqual([3, 3])
    expect(dataset.column('observations')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(dataset.column('actions')).toEqual(Float32Array.of(2, 0, 1))
    expect(dataset.column('returns')).toEqual(Float32Array.of(0.5, 1.5, 2.5))
    expect(dataset.column('logits')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 5, 6, 7))
    expect([dataset.contains(Float32Array.of(3, 4)), dataset.contains(Float32Array.of(4, 3))]).toEqual([true, false])
  })

  it('keeps its counts when it is cleared, and still contains its states', () => {
    const dataset = someDataset()
    const state = dataset.observation(0).slice()
    dataset.clear()
    expect([dataset.size, dataset.labels, dataset.contains(state)]).toEqual([0, 40, true])
    expect(dataset.environmentSteps).toBe(some.environmentSteps)
  })

  it('has columns as wide as its task, for continuous actions too', () => {
    const dataset = LabelledDataset.of(continuous, {
      observations: Float32Array.of(1, 2),
      actions: [0, 1, 0.5, 1],
      mean: Float32Array.of(1, 2, 3, 4),
      logStd: Float32Array.of(0, 0, 0, 0),
    })
    expect([dataset.size, dataset.numActions, dataset.actionSize]).toEqual([2, 0, 2])
    expect(
      ['observations', 'actions', 'returns', 'mean', 'stateValues'].map((name) => dataset.width(name as 'mean')),
    ).toEqual([1, 2, 1, 2, 1])
    expect(dataset.isPlayed).toBe(false) // there are actions, but no returns
  })

  it('names the columns that it has where it is asked for another', () => {
    expect(() => some.column('logits')).toThrow(
      /CartPole-v1 has no "logits"; it has observations, actions, returns, actionValues, stateValues/,
    )
    expect(some.scores()).toEqual(some.column('actionValues'))
  })

  it('must not be empty, and its numbers are finite', () => {
    const of = (columns: DatasetColumns) => () => LabelledDataset.of(some.spec, columns)
    expect(of({ observations: new Float32Array(0) })).toThrow(/LabelledDataset.of: the dataset is empty/)
    const actionValues = some.column('actionValues').slice()
    actionValues[7] = Number.NaN
    expect(of(columnsOf(some, { actionValues }))).toThrow(/actionValues is NaN in state 3; expected finite numbers/)
    expect(of(columnsOf(some, { actionValues }))).toThrow(ValueError)
    expect(of(columnsOf(some, { returns: new Float32Array(39) }))).toThrow(
      /39 numbers of returns for 40 states; expected 40/,
    )
    expect(of(columnsOf(some, { observations: new Float32Array(159) }))).toThrow(ShapeError)
  })

  it('has actions that exist', () => {
    const actions = some.column('actions').slice()
    actions[5] = 2
    expect(() => LabelledDataset.of(some.spec, columnsOf(some, { actions }))).toThrow(
      /the action of state 5 is 2; expected 0 to 1/,
    )
  })

  it('of another environment is refused', () => {
    expect(() => some.requireTask('distill', make('Acrobot-v1'))).toThrow(
      /distill: the dataset is of CartPole-v1, the environment is Acrobot-v1/,
    )
    const three = LabelledDataset.of(
      { ...some.spec, actionSpace: new Discrete(3) },
      { observations: new Float32Array(4) },
    )
    expect(() => three.requireTask('distill', cartPole())).toThrow(ShapeError)
    const narrow = LabelledDataset.of({ ...some.spec, observationSize: 2 }, { observations: new Float32Array(4) })
    expect(() => narrow.requireTask('distill', cartPole())).toThrow(
      /has observations of 2 numbers and actions Discrete.*; CartPole-v1 has 4 and Discrete/,
    )
    const steering = someDataset({ env: pendulum(), teacher: somePendulumTeachers.gaussian() })
    expect(() => steering.requireTask('distill', pendulum())).not.toThrow()
    const wide = LabelledDataset.of({ ...steering.spec, actionSpace: new Box([-3], [3]) }, columnsOf(steering))
    expect(() => wide.requireTask('distill', pendulum())).toThrow(/actions Box.*; Pendulum-v1 has 3 and Box/)
  })

  it('restores what it saved, and knows its states again', () => {
    const back = new LabelledDataset(some.spec)
    back.restore(structuredClone(some.save()))
    back.provenance = some.provenance
    expect(contentsOf(back)).toEqual(contentsOf(some))
    expect(back.contains(some.observation(7))).toBe(true)
  })

  it('can be cut: the given rows in the given order', () => {
    forAll([fc.array(fc.integer({ min: 0, max: 39 }), { minLength: 1 })], { numRuns: 20 }, (rows) => {
      const part = selectRows(some, Int32Array.from(rows))
      expect(part.size).toBe(rows.length)
      rows.forEach((row, i) => {
        expect(part.observation(i)).toEqual(some.observation(row))
        expect(part.column('returns')[i]).toBe(some.column('returns')[row])
        expect(part.column('actionValues').subarray(2 * i, 2 * i + 2)).toEqual(
          some.column('actionValues').subarray(2 * row, 2 * row + 2),
        )
      })
    })
  })

  it('can be labelled anew: the states and what they cost stay, the labels and their teacher change', () => {
    const anew = relabel(some, { logits: new Float32Array(80) }, 'another')
    expect(anew.column('observations')).toEqual(some.column('observations'))
    expect(anew.column('returns')).toEqual(some.column('returns'))
    expect([anew.has('actionValues'), anew.labels, anew.environmentSteps]).toEqual([false, 40, some.environmentSteps])
    expect(anew.provenance).toEqual({ ...some.provenance, teacher: 'another' })
  })
})

describe('the columns of a dataset', () => {
  const widths = (dataset: LabelledDataset) =>
    (columnNames as readonly string[]).map((name) => [name, dataset.width(name as 'mean')])

  it('have their numbers per state', () => {
    // Two numbers a state and three discrete actions; one number a state and actions of two numbers.
    expect(Object.fromEntries(widths(new LabelledDataset(discrete)))).toEqual({
      ...{ observations: 2, actions: 1, returns: 1, episodes: 1 },
      ...{ logits: 3, actionValues: 3, stateValues: 1, mean: 1, logStd: 1 },
      ...{ successors: 4, successorRewards: 2, successorDiscounts: 2, successorValues: 2, jacobians: 6 },
    })
    expect(Object.fromEntries(widths(new LabelledDataset(continuous)))).toMatchObject({
      ...{ observations: 1, actions: 2, mean: 2, logStd: 2, stateValues: 1, successors: 2, jacobians: 2 },
      ...{ returns: 1, episodes: 1 },
    })
  })

  it('may be left out, or empty; those of labels count as labels of a teacher', () => {
    const of = (columns: Partial<DatasetColumns>, origin = {}) =>
      LabelledDataset.of(discrete, { observations: Float32Array.of(1, 2, 3, 4), ...columns }, origin)
    const states = of({ logits: new Float32Array(), actions: [2, 0], returns: Float32Array.of(1, 2) })
    expect([states.has('logits'), states.isPlayed, states.isLabelled]).toEqual([false, true, false])
    expect(states.cost).toEqual(noCost())
    expect(states.provenance).toEqual({ selection: 'given', rounds: 1, seed: 0, teacher: 'unknown' })
    const labelled = of({ stateValues: Float32Array.of(1, 2), returns: Float32Array.of(1, 2) })
    expect([labelled.isLabelled, labelled.isPlayed]).toEqual([true, false])
    expect(labelled.cost).toEqual({ ...noCost(), labels: 2, teacherEvaluations: 2 })
    const cost = { ...noCost(), labels: 7 }
    const paid = of({ stateValues: Float32Array.of(1, 2) }, { cost })
    expect(paid.labels).toBe(7)
    expect(paid.cost).not.toBe(cost)
    expect(labelled.contains(Float32Array.of(3, 4))).toBe(true)
    labelled.label({ label: () => expect.unreachable('all states have labels') })
    expect(() => new LabelledDataset(discrete).column('mean')).toThrow('has no "mean"; it has no columns')
    expect(of({ logits: Float32Array.of(1, 2, 3, 4, 5, 6), actionValues: new Float32Array(6) }).scores()[5]).toBe(6)
  })

  it('are complete and finite, from the first state to the last', () => {
    const of = (columns: Partial<DatasetColumns>) => () =>
      LabelledDataset.of(discrete, { observations: Float32Array.of(1, 2, 3, 4), ...columns })
    expect(of({ returns: Float32Array.of(Number.NaN, 1) })).toThrow('returns is NaN in state 0; expected finite')
    expect(of({ logits: Float32Array.of(1, 2, 3, 4, 5, Infinity) })).toThrow('logits is Infinity in state 1')
    expect(of({ returns: Float32Array.of(1, 2, 3) })).toThrow('3 numbers of returns for 2 states; expected 2')
    expect(of({ actions: [-1, 0] })).toThrow('the action of state 0 is -1; expected 0 to 2')
    expect(of({ actions: [2, 3] })).toThrow('the action of state 1 is 3; expected 0 to 2')
    expect(of({ actions: [0, 2] })).not.toThrow()
    const partly = new LabelledDataset(discrete)
    partly.add({ observation: Float32Array.of(1, 2), action: [1], return: 1 })
    partly.requireUsable('test')
    partly.add({ observation: Float32Array.of(3, 4), action: [1] })
    expect(() => partly.requireUsable('test')).toThrow('test: 1 numbers of returns for 2 states; expected 2')
  })
})

describe('the cost of labels', () => {
  const asked = (labels: (count: number) => Labels, states: number) => {
    const dataset = new LabelledDataset(discrete)
    for (let i = 0; i < states; i++) dataset.add({ observation: Float32Array.of(i, i) })
    dataset.label({ label: (_, count) => labels(count) })
    return dataset.cost
  }

  it('is an evaluation each, or one per successor, and a Jacobian each where they are asked for', () => {
    const logits = (count: number) => new Float32Array(3 * count)
    expect(asked((n) => ({ logits: logits(n) }), 4)).toEqual({ ...noCost(), labels: 4, teacherEvaluations: 4 })
    expect(asked((n) => ({ logits: logits(n), jacobians: new Float32Array(6 * n) }), 4)).toEqual({
      ...{ ...noCost(), labels: 4, teacherEvaluations: 4, jacobians: 4 },
    })
    expect(asked((n) => ({ successorValues: new Float32Array(2 * n) }), 4)).toEqual({
      ...{ ...noCost(), labels: 4, teacherEvaluations: 8 },
    })
  })
})

it('a dataset that was cleared: contains the states of all that it held, and takes new ones', () => {
  const dataset = new LabelledDataset(discrete)
  dataset.clear() // nothing yet
  for (const x of [1, 2, 3]) {
    dataset.add({ observation: Float32Array.of(x, 0) })
    if (x > 1) dataset.clear()
  }
  expect([dataset.size, dataset.has('observations')]).toEqual([0, false])
  expect(dataset.save().cleared).toEqual(Float32Array.of(1, 0, 2, 0, 3, 0))
  const back = new LabelledDataset(discrete)
  back.add({ observation: Float32Array.of(9, 9) })
  back.restore(structuredClone(dataset.save()))
  expect([1, 2, 3, 9].map((x) => back.contains(Float32Array.of(x, x === 9 ? 9 : 0)))).toEqual([true, true, true, false])
  back.add({ observation: Float32Array.of(4, 0) })
  expect(back.column('observations')).toEqual(Float32Array.of(4, 0))
})

describe('a saved dataset', () => {
  const dataset = new LabelledDataset(discrete)
  const label = (observations: Float32Array, count: number) => ({
    logits: Float32Array.from({ length: 3 * count }, (_, i) => observations[0]! + i),
  })
  dataset.add({ observation: Float32Array.of(1, 2) })
  dataset.label({ label })
  dataset.add({ observation: Float32Array.of(3, 4) })
  const saved = () => structuredClone(dataset.save())

  it('goes on where it was: states without labels are labelled next', () => {
    const back = new LabelledDataset(discrete)
    const columns = { observations: Float32Array.of(1, 2, 3, 4), logits: Float32Array.of(1, 2, 3, 0, 0, 0) }
    back.restore({ ...saved(), columns })
    const asked: number[][] = []
    back.label({
      label: (observations, count) => {
        asked.push([...observations, count])
        return label(observations, count)
      },
    })
    expect(asked).toEqual([[3, 4, 1]])
    expect(back.column('logits')).toEqual(Float32Array.of(1, 2, 3, 3, 4, 5))
    expect(back.cost).toEqual({ ...noCost(), labels: 2, teacherEvaluations: 2 })
    expect(dataset.cost.labels).toBe(1)
  })

  it('of no states is restored too', () => {
    const back = new LabelledDataset(discrete)
    back.add({ observation: Float32Array.of(1, 2) })
    back.restore(new LabelledDataset(discrete).save())
    expect([back.size, back.contains(Float32Array.of(1, 2))]).toEqual([0, false])
  })

  it('with other counts or columns is refused', () => {
    const { size: _, ...uncounted } = saved()
    const observations = Float32Array.of(1, 2, 3, 4)
    const back = new LabelledDataset(discrete)
    back.restore({ ...saved(), labelled: 2, columns: { observations } }) // as many labels as states
    for (const wrong of [
      uncounted,
      { ...saved(), more: 1 },
      { ...saved(), size: -1, labelled: -1 },
      { ...saved(), size: 2.5 },
      { ...saved(), size: 1, labelled: 2 },
      { ...saved(), columns: { observations, logit: new Float32Array(6) } },
      { ...saved(), columns: { observations: [...observations] } },
      { ...saved(), cost: { ...noCost(), labels: -1 } },
      { ...saved(), cleared: [1, 2] },
    ]) {
      expect(() => back.restore(wrong as never), JSON.stringify(wrong)).toThrow(CheckpointError)
      expect(() => back.restore(wrong as never)).toThrow('the saved counts or columns are not those of a dataset')
    }
    expect(back.size).toBe(2)
    expect(() => back.restore({ ...saved(), columns: { observations: Float32Array.of(1, 2) } })).toThrow(ShapeError)
  })
})

describe('two datasets as one', () => {
  const [a, b] = [someDataset({ seed: 1 }), someDataset({ seed: 2, labels: 30, selection: 'sequential' })]

  it('are the states of both, budgets and provenance included', () => {
    const both = concatDatasets(a, b)
    both.requireUsable('test')
    expect([both.size, both.labels]).toEqual([70, 70])
    expect(both.environmentSteps).toBe(a.environmentSteps + b.environmentSteps)
    for (const name of ['observations', 'actionValues', 'actions'] as const) {
      expect(both.column(name)).toEqual(Float32Array.from([...a.column(name), ...b.column(name)]))
    }
    expect(both.provenance).toEqual({
      selection: 'random + sequential',
      rounds: 1,
      seed: 1,
      teacher: 'untrained',
      parts: [a.provenance, b.provenance],
    })
    expect(contentsOf(loadDataset(saveDataset(both)))).toEqual(contentsOf(both))
    const third = someDataset({ seed: 3 })
    expect(concatDatasets(both, third).provenance.parts).toEqual([a, b, third].map(({ provenance }) => provenance))
  })

  it('may have continuous actions', () => {
    const [one, other] = [1, 2].map((seed) =>
      someDataset({ seed, env: pendulum(), teacher: somePendulumTeachers.gaussian() }),
    )
    const both = concatDatasets(one!, other!)
    expect([both.size, both.squashed]).toEqual([80, true])
    expect(both.column('logStd')).toEqual(Float32Array.from([...one!.column('logStd'), ...other!.column('logStd')]))
  })

  const { stateValues: _, ...withoutValues } = columnsOf(b)
  const { actions: __, returns: ___, ...notPlayed } = columnsOf(b)
  it.each([
    [{ ...b.spec, envId: 'Acrobot-v1' }, columnsOf(b), /the first dataset has CartPole-v1, the second Acrobot-v1/],
    [b.spec, withoutValues, /actions,returns,actionValues,stateValues, the second .*actions,returns,actionValues$/],
    [b.spec, notPlayed, /the first dataset has observations,actions,returns.*, the second observations,actionValues/],
    [
      b.spec,
      columnsOf(b, { observations: a.column('observations').slice(0, 120) }),
      /state 0 of the second dataset is also in the first/,
    ],
  ])('that do not go together are refused', (spec, columns, message) => {
    const other = LabelledDataset.of(spec, columns)
    expect(() => concatDatasets(a, other)).toThrow(ValueError)
    expect(() => concatDatasets(a, other)).toThrow(message)
  })

  it('of other sizes are refused', () => {
    const narrow = LabelledDataset.of({ ...b.spec, observationSize: 2 }, { observations: b.column('observations') })
    expect(() => concatDatasets(a, narrow)).toThrow(/has 4 numbers and Discrete\(0 … 1\), the second 2 numbers/)
    expect(() => concatDatasets(a, narrow)).toThrow(ShapeError)
  })
})
