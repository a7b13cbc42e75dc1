import { describe, expect, it } from 'vitest'
import { make } from '../../../src/rl/envs/tasks/make.ts'
import type { TabularModel } from '../../../src/rl/envs/tasks/tabular.ts'
import { taxiActionMask } from '../../../src/rl/envs/tasks/taxi.ts'
import {
  type Episode,
  readGolden,
  rowsOf,
  ScriptedRng,
  type TabularFile,
  toOptions,
  type Variant,
} from './toy-text-golden.ts'

const names = ['FrozenLake-v1', 'CliffWalking-v0', 'CliffWalking-v1', 'Taxi-v3', 'Taxi-v4']
const bits = (mask: unknown) => Array.from(mask as Uint8Array).reduce((sum, allowed, a) => sum + (allowed << a), 0)

describe.each(names)('%s as Gymnasium recorded it', (name) => {
  const file = readGolden<TabularFile>(name)

  it.each(file.variants)('has the table, the start and the masks of $name', (variant) => {
    checkTable(file, variant)
  })

  it.each(file.episodes)('plays $name', (episode) => {
    replay(file.variants.find((variant) => variant.name === episode.variant)!, episode)
  })

  it('picks the start state of every recorded number', () => {
    for (const [draw, state] of file.reset_table ?? []) {
      const env = make<number>(name)
      env.rng = new ScriptedRng([draw])
      expect(env.reset().observation).toBe(state)
    }
  })
})

function checkTable(file: TabularFile, variant: Variant): void {
  const env = make<number>(variant.env_id, toOptions(variant.kwargs))
  const model = env.unwrapped as unknown as TabularModel
  expect([model.numStates, model.numActions]).toEqual([variant.n_states, variant.n_actions])
  expect(String(env.observationSpace)).toBe(`Discrete(0 … ${variant.n_states - 1})`)
  expect(String(env.actionSpace)).toBe(`Discrete(0 … ${variant.n_actions - 1})`)

  for (const [i, wanted] of rowsOf(file, variant).entries()) {
    const got = model.transitions(Math.floor(i / variant.n_actions), i % variant.n_actions)
    expect(got.map(({ nextState, reward, terminated }) => [nextState, reward, Number(terminated)])).toEqual(
      wanted.map(([, ...rest]) => rest),
    )
    for (const [k, [probability]] of wanted.entries()) {
      expect(Math.abs(got[k]!.probability - probability)).toBeLessThanOrEqual(1e-15)
    }
  }

  const start = new Float64Array(variant.n_states)
  for (const [i, state] of variant.initial.states.entries()) {
    start[state] = variant.initial.prob ?? variant.initial.probs![i]!
  }
  expect(model.startDistribution()).toEqual(start)

  for (const [state, mask] of (variant.action_mask ?? []).entries()) expect(bits(taxiActionMask(state))).toBe(mask)
}

function replay(variant: Variant, episode: Episode): void {
  const env = make<number>(episode.env_id, toOptions(episode.kwargs ?? variant.kwargs))
  const rng = new ScriptedRng([...episode.reset_draws, ...episode.draws], [...(episode.picks ?? [])])
  env.rng = rng
  const first = env.reset()
  expect(first.observation).toBe(episode.initial_state)
  if (episode.initial_action_mask !== undefined) expect(bits(first.info.actionMask)).toBe(episode.initial_action_mask)

  let rewardSum = 0
  for (const [i, action] of episode.actions.entries()) {
    const step = env.step(action)
    rewardSum += step.reward
    const got = [step.observation, step.reward, step.terminated, step.truncated]
    const wanted = [episode.next_state[i], episode.reward[i], episode.terminated[i] === 1, episode.truncated[i] === 1]
    expect(got, `${episode.name}, step ${i + 1}`).toEqual(wanted)
    expect(Math.abs((step.info.probability as number) - episode.prob[i]!)).toBeLessThanOrEqual(1e-15)
    if (episode.action_mask !== undefined) expect(bits(step.info.actionMask)).toBe(episode.action_mask[i])
  }
  expect(rewardSum).toBe(episode.reward_sum)
  expect(rng.left).toBe(0)
}
