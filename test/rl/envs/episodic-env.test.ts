import { expect, it } from 'vitest'
import { Catch } from '../../../examples/own-environment/catch.ts'
import { checkEnv, make } from '../../../src/rl/index.ts'
import { StateError, ValueError } from '../../../src/tensor/errors.ts'

it('the example is a sound environment, which its file registers', () => {
  expect(checkEnv(new Catch())).toEqual([])
  expect(checkEnv(make('Catch-v0'))).toEqual([])
})

it('steps an episode from reset to its end, and continues from a state', () => {
  const env = new Catch()
  expect(() => env.step(1)).toThrow('Catch-v0: step() before the first reset()')
  expect(env.inProgress).toBe(false)
  const { observation, info } = env.reset({ seed: 3 })
  expect({ observation, info }).toEqual({ observation: env.reset({ seed: 3 }).observation, info: {} })
  expect(() => env.step(3)).toThrow(ValueError)
  env.state = [8, 2, 1]
  expect(env.inProgress).toBe(true)
  expect(env.step(2)).toEqual({
    ...{ observation: Float32Array.of(1, 0.5, 0.5), reward: 1, info: {} },
    ...{ terminated: true, truncated: false },
  })
  expect(() => env.step(1)).toThrow(StateError)
  env.state = [8, 2, 4] // an ended episode continues from a state
  expect(env.step(1)).toMatchObject({ reward: -1, terminated: true })
  expect(env.unwrapped).toBe(env)
})
