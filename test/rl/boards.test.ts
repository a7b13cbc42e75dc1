import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/data/checkpoint-file.ts'
import { distill, loadDataset, saveDataset } from '../../src/distill/index.ts'
import { agentMetadata, loadAgent, saveAgent } from '../../src/export/agent-file.ts'
import { type HasParameters, saveParameters } from '../../src/nn/index.ts'
import { SyncVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { evaluatePolicy } from '../../src/rl/evaluate.ts'
import { type AnyEnv, checkEnv, dqn, finish, type Policy, ppo, ReplayBuffer, sac, td3 } from '../../src/rl/index.ts'
import { Rng } from '../../src/tensor/index.ts'
import { BoardEnv, ForcedBoardEnv } from '../support/board-env.ts'

const off = { totalTimesteps: 120, learningStarts: 40, batchSize: 16, bufferSize: 500, seed: 3 }
const trainings = {
  ppo: [BoardEnv, ppo, { totalTimesteps: 128, numSteps: 32, network: 'linear:16,tanh', seed: 3 }],
  dqn: [BoardEnv, dqn, { ...off, network: 'linear:16,relu', trainInterval: 8, gradientSteps: 4 }],
  sac: [ForcedBoardEnv, sac, { ...off, hidden: [16] }],
  td3: [ForcedBoardEnv, td3, { ...off, hidden: [16] }],
} as const

type Trained = Policy & HasParameters
type Reports = Generator<{ save(): Parameters<typeof writeCheckpoint>[0] }, Trained, void>
const train = (name: keyof typeof trainings, changes: object = {}) => {
  const [Env, algorithm, options] = trainings[name]
  const learn = algorithm as unknown as (envs: SyncVectorEnv, options: object) => Reports
  return learn(new SyncVectorEnv([new Env(), new Env()] as AnyEnv[], 'same-step'), { ...options, ...changes })
}

describe('a board of [10, 10, 4]', () => {
  it('keeps the rules of environments', () => {
    expect(checkEnv(new BoardEnv() as AnyEnv)).toEqual([])
    expect(String(new BoardEnv().observationSpace)).toBe('Box[10, 10, 4] of 0 to 1')
  })

  it.each(Object.keys(trainings) as (keyof typeof trainings)[])(
    'is learned by %s: trained, resumed, saved, loaded, evaluated, distilled',
    (name) => {
      const agent = finish(train(name))
      const parameters = saveParameters(agent)

      const stopped = train(name)
      const saved = (stopped.next().value as { save(): Parameters<typeof writeCheckpoint>[0] }).save()
      const resumed = finish(train(name, { resume: readCheckpoint(writeCheckpoint(saved)) }))
      expect(saveParameters(resumed)).toEqual(parameters)

      const [Env] = trainings[name]
      const env = () => new Env() as AnyEnv
      const again = loadAgent(saveParameters(agent, agentMetadata(agent))) as Trained
      const returns = (policy: unknown) =>
        evaluatePolicy(policy as never, env as never, { episodes: 3, seed: 1 }).returns
      expect(returns(again)).toEqual(returns(agent))

      const options = { labels: 20, rounds: 2, rolloutSteps: 40, updates: 10, hidden: [4], seed: 2 }
      const { student, dataset } = finish(distill(new Env() as never, agent as never, options)) as {
        student: Trained
        dataset: Parameters<typeof saveDataset>[0]
      }
      expect(loadDataset(saveDataset(dataset)).column('observations')).toEqual(dataset.column('observations'))
      expect(returns(loadAgent(saveAgent(student)))).toEqual(returns(student))
    },
  )

  it('gives a network function its shape', () => {
    const shapes: unknown[] = []
    const network = ({ shape, inputs }: { shape: readonly number[]; inputs: number }) => {
      shapes.push([shape, inputs])
      throw new RangeError('enough')
    }
    for (const name of Object.keys(trainings) as (keyof typeof trainings)[]) {
      expect(() => train(name, { network }).next()).toThrow('enough')
    }
    expect(shapes).toEqual(Array.from({ length: 4 }, () => [[10, 10, 4], 400]))
  })
})

describe('a replay buffer of bytes', () => {
  it('takes at most 100 MB for 100,000 transitions of boards', () => {
    const buffer = new ReplayBuffer({ capacity: 100_000, observationSize: 400, dtype: 'uint8' })
    expect(buffer.rowBytes * buffer.capacity).toBeLessThanOrEqual(100e6)
    const stored = buffer.save()
    expect(Object.keys(stored)).toContain('observations')
    const bytes = (each: unknown) =>
      Object.values(each as object).reduce((sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0), 0)
    expect(bytes(Reflect.get(buffer, 'all').arrays)).toBe(buffer.rowBytes * buffer.capacity)
  })

  it('gives back what was stored as float32, and refuses numbers that are no bytes', () => {
    const [bytes, floats] = (['uint8', 'float32'] as const).map(
      (dtype) => new ReplayBuffer({ capacity: 8, observationSize: 3, dtype }),
    )
    const rng = new Rng(2)
    for (let i = 0; i < 12; i++) {
      const [x, y] = [0, 1].map(() => Float32Array.from({ length: 3 }, () => rng.integer(256)))
      for (const buffer of [bytes!, floats!]) buffer.add(x!, i % 2, i, y!, i === 5)
    }
    const again = new ReplayBuffer({ capacity: 8, observationSize: 3, dtype: 'uint8' })
    again.restore(bytes!.save())
    for (const buffer of [bytes!, again]) {
      const sample = buffer.sample(20, new Rng(1))
      expect(sample.observations).toBeInstanceOf(Float32Array)
      expect({ ...sample }).toEqual({ ...floats!.sample(20, new Rng(1)) })
    }
    for (const wrong of [-1, 256, 0.5, Number.NaN]) {
      expect(() => bytes!.add([0, wrong, 0], 0, 0, [0, 0, 0], false)).toThrow(
        `the observation has ${wrong} at index 1; this buffer stores bytes, whole numbers from 0 to 255`,
      )
    }
  })
})
