import { describe, expect, it } from 'vitest'
import { SyncVectorEnv, toVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { algorithm, type CategoricalActorCritic, evaluatePolicy } from '../../src/rl/index.ts'
import { collectRollouts, rolloutFor } from '../../src/rl/on-policy/collect-rollout.ts'
import { makeActorCritic } from '../../src/rl/on-policy/on-policy.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { Masked } from './masked-env.ts'

const copies = (count: number) =>
  new SyncVectorEnv(
    Array.from({ length: count }, () => new Masked()),
    'same-step',
  )

describe('forbidden actions', () => {
  it.each(['reinforce', 'a2c', 'ppo', 'trpo'])('are never taken: %s', (name) => {
    const { train, maxEnvs = 3 } = algorithm(name)
    const reports = [...train(copies(maxEnvs), { totalTimesteps: 400, hidden: [8] })]
    expect(reports.at(-1)!.step).toBeGreaterThanOrEqual(400)
  })

  it('are never taken in greedy play', () => {
    const agent = makeActorCritic('test', toVectorEnv(new Masked()), [8], new Rng(1)) as CategoricalActorCritic
    expect(evaluatePolicy(agent, () => new Masked(), { episodes: 20 }).steps).toBe(200)
    for (const forbidden of [0, 1, 2]) {
      const mask = [0, 1, 2].map((action) => Number(action !== forbidden))
      expect(agent.act(Float32Array.of(0.5), mask)).not.toBe(forbidden)
      expect(agent.sample(Float32Array.of(0.5), new Rng(3), mask)).not.toBe(forbidden)
    }
  })

  it('are noted with each step, where the policy knows them to be impossible', () => {
    const envs = copies(2)
    const agent = makeActorCritic('test', envs, [8], new Rng(1))
    envs.reset({ seed: 1 })
    const rollout = rolloutFor(envs, 8, agent)
    collectRollouts(envs, agent, rollout, new Rng(2), 0)
    for (let row = 0; row < rollout.size; row++) {
      const mask = rollout.actionMasks.slice(3 * row, 3 * row + 3)
      expect(mask[rollout.actions[row]!]).toBe(1)
      const state = tensor(rollout.observations.slice(row, row + 1), [1, 1])
      const logProb = agent
        .distribution(state, tensor(mask, [1, 3]))
        .logProb(tensor(Int32Array.of(rollout.actions[row]!)))
      expect(rollout.logProbs[row]).toBeCloseTo(logProb.item(), 5)
    }
  })
})
