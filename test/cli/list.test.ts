import { expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { register, registeredIds } from '../../src/rl/envs/tasks/make.ts'
import { algorithms, Box, Dict, MultiBinary, MultiDiscrete } from '../../src/rl/index.ts'
import { Repeat } from '../rl/repeat-env.ts'
import { captureCommands } from './capture.ts'

const captured = captureCommands()

it('envs lists every environment with its spaces and presets', async () => {
  expect(await run(['envs'])).toBe(0)
  for (const id of registeredIds()) expect(captured.out).toContain(id)
  expect(captured.out).toMatch(
    /CartPole-v1 +Box\(\[-4\.8, -Infinity, -0\.4189.* Discrete\(0 … 1\) +1, 1 +500 +475 +cartpole-fast/,
  )
})

it('envs prints every kind of space', async () => {
  const dict = new Dict({ velocity: new Box([-1], [1]), gear: new MultiDiscrete([3, 2]) })
  register({ id: 'EverySpace-v0', create: () => new Repeat(dict, new MultiBinary(4)) })
  expect(await run(['envs'])).toBe(0)
  expect(captured.out).toMatch(
    /EverySpace-v0 +Dict\(gear: MultiDiscrete\(\[3, 2\]\), velocity: Box\(\[-1\] … \[1\]\)\) +MultiBinary\(4\) +– +– +–/,
  )
})

it('--json prints the same for programs', async () => {
  expect(await run(['envs', '--json'])).toBe(0)
  const entries = JSON.parse(captured.out) as { id: string; maxEpisodeSteps: number | null; presets: string[] }[]
  expect(entries.map(({ id }) => id)).toEqual(registeredIds())
  expect(entries.find(({ id }) => id === 'FrozenLake-v1')).toMatchObject({ maxEpisodeSteps: 100, rewardThreshold: 0.7 })
})

it('algorithms lists deep and tabular ones, with the actions that they take', async () => {
  expect(await run(['algorithms', '--json'])).toBe(0)
  const names = (JSON.parse(captured.out) as { name: string }[]).map(({ name }) => name)
  for (const { name } of algorithms) expect(names).toContain(name)
  expect(names).toContain('q-learning')
  expect(await run(['algorithms'])).toBe(0)
  expect(captured.out).toMatch(/sac +box +pendulum-sac/)
  expect(captured.out).toMatch(/a2c +discrete, multi-discrete, multi-binary, box/)
})
