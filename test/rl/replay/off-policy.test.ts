import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SyncVectorEnv } from '../../../src/rl/envs/vector/sync-vector-env.ts'
import type { AutoresetMode } from '../../../src/rl/envs/vector/vector-env.ts'
import { NStepBuffer } from '../../../src/rl/replay/n-step.ts'
import { epsilonAt, passes, play, priorityCorrectionAt } from '../../../src/rl/replay/off-policy.ts'
import { ReplayBuffer } from '../../../src/rl/replay/replay.ts'
import { anneal } from '../../../src/rl/training/networks.ts'
import { forAll } from '../../support/property.ts'
import { type Ending, type Episode, Scripted } from '../scripted-env.ts'

/** What is in the memory after so many steps of play in copies of a scripted environment; the action is the step's parity. */
function remembered(script: readonly Episode[], numEnvs: number, steps: number, autoreset: AutoresetMode, n: number) {
  const envs = new SyncVectorEnv(
    Array.from({ length: numEnvs }, () => new Scripted(script)),
    autoreset,
  )
  const buffer = new ReplayBuffer({ capacity: steps * numEnvs, observationSize: 1 })
  const writer = new NStepBuffer(buffer, { nStep: n, gamma: 0.5, observationSize: 1, numEnvs })
  const act = (seen: Float32Array) => Int32Array.from(seen, (each) => Math.round(1000 * each) % 2)
  const finished = []
  envs.reset({ seed: 0 })
  const given = { envs, memory: writer, counters: { step: 0 }, totalTimesteps: steps * numEnvs, act }
  for (const { episodes } of play(given)) finished.push(...episodes.splice(0))
  return { finished, rows: buffer.gather(Int32Array.from({ length: buffer.size }, (_, i) => i)) }
}

describe('play', () => {
  it('remembers what was seen, done and led to, and lists the episodes that ended', () => {
    const { rows, finished } = remembered([{ length: 2, ending: 'terminated' }], 1, 3, 'same-step', 1)
    expect(Array.from(rows.observations, (each) => Math.round(1000 * each))).toEqual([0, 1, 100])
    expect(Array.from(rows.nextObservations, (each) => Math.round(1000 * each))).toEqual([1, 2, 101])
    expect([...rows.actions]).toEqual([0, 1, 0])
    expect([...rows.rewards]).toEqual([2, 3, 2])
    expect([...rows.terminated]).toEqual([0, 1, 0])
    expect(finished).toEqual([{ return: 5, length: 2, step: 2 }])
  })

  it('remembers the same whenever ended copies restart: a step that only restarts is no transition', () => {
    const episode = fc.record({
      length: fc.integer({ min: 1, max: 4 }),
      ending: fc.constantFrom<Ending>('terminated', 'truncated', 'both'),
    })
    const script = fc.array(episode, { minLength: 1, maxLength: 4 })
    forAll(
      [script, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })],
      { numRuns: 50 },
      (episodes, numEnvs, n) => {
        const same = remembered(episodes, numEnvs, 20, 'same-step', n).rows
        const next = remembered(episodes, numEnvs, 40, 'next-step', n).rows // at most every second step restarts
        expect(next.size).toBeGreaterThanOrEqual(same.size)
        for (const name of ['observations', 'actions', 'rewards', 'nextObservations', 'terminated', 'steps'] as const) {
          expect(next[name].subarray(0, same.size)).toEqual(same[name])
        }
      },
    )
  })

  it('goes on from the steps there were', () => {
    const envs = new SyncVectorEnv([new Scripted([{ length: 9, ending: 'truncated' }])], 'same-step')
    envs.reset({ seed: 0 })
    const buffer = new ReplayBuffer({ capacity: 9, observationSize: 1 })
    const memory = new NStepBuffer(buffer, { nStep: 1, gamma: 1, observationSize: 1 })
    const counters = { step: 4 }
    const steps = [...play({ envs, memory, counters, totalTimesteps: 6, act: () => Int32Array.of(1) })]
    expect(steps.map(({ step }) => step)).toEqual([5, 6])
    expect(counters.step).toBe(6)
  })
})

describe('schedules of a training', () => {
  it('let ε fall from 1 along a straight line, and then keep it', () => {
    const o = { totalTimesteps: 100, explorationFraction: 0.5, explorationFinalEps: 0.1 }
    // 1 - 0.9 step / 50
    expect([0, 25, 50, 80].map((step) => Number(epsilonAt(step, o).toFixed(12)))).toEqual([1, 0.55, 0.1, 0.1])
  })

  it('let β rise to 1 along a straight line', () => {
    const o = { totalTimesteps: 100, priorityCorrection: 0.4 }
    // 0.4 + 0.6 step / 100
    expect([0, 50, 100, 150].map((step) => priorityCorrectionAt(step, o))).toEqual([0.4, 0.7, 1, 1])
  })

  it('leave the learning rate of an optimizer without annealLearningRate, else lower it to 0', () => {
    const optimizer = { learningRate: 5 }
    const o = { learningRate: 0.1, totalTimesteps: 100 }
    anneal(optimizer, { ...o, annealLearningRate: false }, 50)
    expect(optimizer.learningRate).toBe(5)
    anneal(optimizer, { ...o, annealLearningRate: true }, 50)
    expect(optimizer.learningRate).toBe(0.05)
    anneal(optimizer, { ...o, annealLearningRate: true }, 150)
    expect(optimizer.learningRate).toBe(0)
  })

  it('count a multiple of the interval among the last steps', () => {
    // Of the steps 7, 8, 9: 8 is a multiple of 4; of 5, 6, 7 none is.
    expect([passes(9, 3, 4), passes(7, 3, 4), passes(8, 1, 4), passes(9, 1, 4)]).toEqual([true, false, true, false])
  })
})
