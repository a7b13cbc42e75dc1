import { expect, it } from 'vitest'
import { algorithm, make, preset, presets, readOptions } from '../../src/rl/index.ts'

it.each(presets)('$name names an algorithm, an environment and options that there are', (each) => {
  const { options } = algorithm(each.algorithm)
  expect(readOptions(each.algorithm, options, each.options)).toMatchObject(each.options)
  expect(make(each.env).id).toBe(each.env)
})

it('are found by name, and the nearest is named where there is none', () => {
  expect(preset('ppo', 'cartpole-fast').numEnvs).toBe(16)
  expect(() => preset('ppo', 'cartpole-fats')).toThrow('Did you mean "cartpole-fast"?')
  expect(() => preset('dqn', 'cartpole-fast')).toThrow('unknown preset of dqn "cartpole-fast"')
  expect(() => preset('reinforce', 'cartpole-fast')).toThrow('reinforce has no presets')
})
