import { describe, expect, it } from 'vitest'
import { Box, Discrete } from '../../src/data/spaces.ts'
import { readDistillOptions } from '../../src/distill/options.ts'
import { Students, syntheticDataset } from '../../src/distill/students.ts'
import { targetOf } from '../../src/distill/targets/index.ts'
import type { Target } from '../../src/distill/targets/target.ts'
import { type HasParameters, MLP, type Module, namedParameters, saveParameters } from '../../src/nn/index.ts'
import { CheckpointError, Rng, ShapeError } from '../../src/tensor/index.ts'
import { datasetOf } from './formula-dataset.ts'

const tiny = datasetOf([[0], [1], [2]], [0, 1, 1, 0, 3, 0])
const bytesOf = (module: unknown) => saveParameters(module as HasParameters)
const fresh = (seed: number) => new MLP([1, 3, 2], new Rng(seed), { activation: 'tanh' })

function studentsOf(changes: object = {}, network?: Module, name: 'policy' | 'value-mse' = 'policy') {
  const target = targetOf(name) as Target
  const o = readDistillOptions(target, { labels: 3, rounds: 2, hidden: [3], seed: 5, ...changes }, undefined)
  const students = new Students(target, tiny, o, network)
  const objective = (isLast: boolean) => students.objective(tiny, isLast)
  return { students, objective }
}
/** Turns all parameters of a module into one number. */
const fill = (module: unknown, value: number) => {
  for (const parameter of Object.values(namedParameters(module as HasParameters))) parameter.view().fill(value)
}

describe('the students of a round', () => {
  it('differ in parameters and seed, but for the first, which is that of every round', () => {
    const { students, objective } = studentsOf()
    const seen = [0, 0, 1, 1].map((round, i) => {
      const { module, options } = students.next(objective(false), round, false)
      const bytes = bytesOf(module)
      fill(module, i)
      students.add(module)
      if (i === 1) students.takePlayers({} as never, module)
      return { bytes, options }
    })
    expect(seen[0]!.bytes).toEqual(bytesOf(fresh(5)))
    expect(seen[0]!.options).toMatchObject({ seed: 5, warmStart: false, batchSize: 64, standardize: true })
    const other = new Rng(5 + 1_000_003).integer(2 ** 32)
    expect(seen[1]!.options.seed).toBe(other)
    expect(seen[1]!.bytes).toEqual(bytesOf(fresh(other)))
    expect(seen.slice(2)).toEqual(seen.slice(0, 2))
    expect(students.count).toBe(2)
    const third = students.next(objective(false), 1, false).options.seed
    expect(third).toBe(new Rng(5 + 2 * 1_000_003).integer(2 ** 32))
  })

  it('of a given network all start from the parameters that it came with', () => {
    const network = fresh(8)
    const before = bytesOf(network)
    const { students, objective } = studentsOf({}, network)
    for (const _ of [0, 1]) {
      const { module } = students.next(objective(true), 1, true)
      expect(module).toBe(network)
      expect(bytesOf(module)).toEqual(before)
      fill(module, 1)
      students.add(module)
    }
  })

  it('learn what the options of the target say', () => {
    const { objective } = studentsOf({ temperature: { absolute: 3 } })
    expect([false, true].map((isLast) => objective(isLast).metrics.temperature)).toEqual([3, 3])
  })

  it('with warmStart go on with the same parameters from the second round on', () => {
    const { students, objective } = studentsOf({ warmStart: true })
    expect(students.next(objective(false), 0, false).options.warmStart).toBe(false)
    fill(students.network, 7)
    const { module, options } = students.next(objective(false), 1, false)
    expect([module, options.warmStart]).toEqual([students.network, true])
    expect(Object.values(namedParameters(module as HasParameters))[0]!.view()[0]).toBe(7)
  })

  it('of values are students of the policy until the last round, each with a network of its own', () => {
    const { students, objective } = studentsOf({ warmStart: true }, undefined, 'value-mse')
    const [early, last] = [objective(false), objective(true)]
    expect([early.outputs, last.outputs]).toEqual([2, 1])
    const { module } = students.next(early, 1, false)
    expect(module).not.toBe(students.network)
    expect(bytesOf(module)).toEqual(bytesOf(fresh(5)))
    const final = students.next(last, 1, true)
    expect([final.module, final.options.warmStart]).toEqual([students.network, false])
  })

  it('take turns in one module', () => {
    const { students } = studentsOf()
    const module = fresh(0)
    for (const value of [1, 2]) {
      fill(module, value)
      students.add(module)
    }
    const first = () => Object.values(namedParameters(module))[0]!.view()[0]
    const agent = { observationSize: 1, actBatch: () => Float32Array.of(first()!) }
    const players = students.takePlayers(agent, module)
    expect(students.count).toBe(0)
    const acted = [0, 1, 1, 0, 1].map((k) => players[k]!.actBatch(Float32Array.of(0))[0])
    expect(acted).toEqual([1, 2, 2, 1, 2])
    players[0]!.load()
    expect(first()).toBe(1)
  })

  it('are saved and restored; what is not finite parameters is refused', () => {
    const { students } = studentsOf()
    students.add(fresh(1))
    const saved = structuredClone(students.save())
    const { students: others } = studentsOf()
    others.restore(saved)
    expect(others.count).toBe(1)
    saved.trained[0]!.fill(0)
    expect(others.save()).toEqual(students.save())
    for (const trained of [null, 'x', [[1, 2]], [Float32Array.of(1, Number.NaN)], [Float32Array.of(1), [1]]]) {
      expect(() => others.restore({ trained } as never)).toThrow(CheckpointError)
      expect(() => others.restore({ trained } as never)).toThrow('are not lists of finite parameters')
    }
    others.restore({ trained: [], fit: null })
    expect(others.count).toBe(0)
  })
})

describe('before there is a student', () => {
  const states = Float32Array.from({ length: 40 }, (_, i) => i - 20)

  it('a fresh one plays, or the given network as it came, even while that is trained', () => {
    const biased = (action: number) => {
      const network = fresh(0)
      fill(network, 0)
      Object.values(namedParameters(network)).at(-1)!.view()[action] = 1
      return network
    }
    for (const action of [0, 1]) {
      const network = biased(action)
      const { students, objective } = studentsOf({}, network)
      const acts = () => [...new Set(Array.from(students.untrained.actBatch(states)))]
      expect(acts()).toEqual([action])
      students.next(objective(false), 0, false)
      const other = bytesOf(biased(1 - action))
      fill(network, 0)
      Object.values(namedParameters(network)).at(-1)!.view()[1 - action] = 1
      expect(acts()).toEqual([action])
      expect(bytesOf(network)).toEqual(other)
    }
    const { students, objective } = studentsOf()
    const before = Array.from(students.untrained.actBatch(states))
    fill(students.next(objective(false), 0, false).module, 0)
    expect(Array.from(students.untrained.actBatch(states))).toEqual(before)
    const ofValues = (network?: Module) => studentsOf({}, network, 'value-mse').students.untrained.actBatch(states)
    expect(ofValues(new MLP([1, 3, 1], new Rng(0)))).toEqual(ofValues())
    const plays = (seed: number) => Array.from(studentsOf({ seed }).students.untrained.actBatch(states))
    expect(plays(5)).toEqual(plays(5))
    expect(Array.from({ length: 8 }, (_, seed) => plays(seed).join()).some((each) => each !== plays(5).join())).toBe(
      true,
    )
  })

  it('options are tried on made-up labels of the same kinds', () => {
    const discrete = { envId: 'some', observationSize: 2, actionSpace: new Discrete(3) }
    const columnsOf = (...args: Parameters<typeof syntheticDataset>) => {
      const { columns } = syntheticDataset(...args).save()
      return Object.fromEntries(Object.entries(columns as Record<string, Float32Array>).map(([k, v]) => [k, v.length]))
    }
    expect(columnsOf(discrete, ['logits', 'stateValues'], 'random', 4)).toEqual({
      ...{ observations: 8, actions: 4, returns: 4, logits: 12, stateValues: 4 },
    })
    expect(columnsOf(discrete, ['successorValues'], 'box', 4)).toEqual({ observations: 8, successorValues: 8 })
    const box = { ...discrete, actionSpace: new Box([-1, -1], [1, 1]) }
    expect(columnsOf(box, ['mean'], 'farthest', 3)).toEqual({ observations: 6, actions: 6, returns: 3, mean: 6 })
    expect(() => studentsOf({}, new MLP([1, 3], new Rng(0)))).toThrow(ShapeError)
  })
})
