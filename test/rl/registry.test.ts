// `registerAlgorithm`: what it adds, and what it refuses. test/cli/import.test.ts uses one from the command.

import { afterEach, describe, expect, it } from 'vitest'
import { algorithm, algorithms, count, make, positive, registerAlgorithm, whole } from '../../src/rl/index.ts'
import { forgetAlgorithms } from '../support/own-algorithms.ts'

afterEach(forgetAlgorithms)

const options = {
  totalTimesteps: count(10, 'environment steps'),
  seed: whole(0, 'seed'),
  sigma: positive(0.1, 'deviation'),
}
const definition = {
  name: 'still',
  about: 'plays nothing and learns nothing',
  actions: ['discrete'],
  options,
  // biome-ignore lint/correctness/useYield: it has nothing to report
  *train(...given: unknown[]) {
    calls.push(given)
    return {}
  },
  newAgent: () => ({}),
}
let calls: unknown[][] = []
const register = (changes: object, presets?: readonly object[]) =>
  registerAlgorithm(
    { ...definition, ...changes } as unknown as Parameters<typeof registerAlgorithm>[0],
    presets as never,
  )

describe('registerAlgorithm', () => {
  it('adds the algorithm behind the others, and reads the options that it is called with', () => {
    const before = algorithms.length
    register({})
    expect(algorithms.length).toBe(before + 1)
    const { numEnvs, train } = algorithm('still')
    expect(numEnvs).toBe(1)
    calls = []
    const resume = {} as never
    train(make('CartPole-v1'), { sigma: 2, resume }).next()
    expect(calls[0]![0]).toMatchObject({ numEnvs: 1, id: 'CartPole-v1' })
    expect(calls[0]!.slice(1)).toEqual([{ totalTimesteps: 10, seed: 0, sigma: 2 }, resume])
    expect(() => train(make('CartPole-v1'), { sigma: -1 })).toThrow('still: sigma is -1')
  })

  it('takes as many environments as it can have', () => {
    register({ numEnvs: 3, maxEnvs: 3 })
    expect(algorithm('still').numEnvs).toBe(3)
    expect(() => register({ name: 'more', numEnvs: 4, maxEnvs: 3 })).toThrow(
      'numEnvs of more is 4; expected a whole number',
    )
    expect(() => register({ name: 'half', numEnvs: 0.5 })).toThrow('numEnvs of half is 0.5')
  })

  it.each([
    ['name', { name: 'ppo' }, 'name is ppo; expected one that is not registered already'],
    ['name', { name: 'Still' }, 'name is Still; expected lower-case letters, digits and -'],
    ['name', { name: ['still'] }, 'name is ["still"]; expected lower-case letters'],
    ['about', { about: 3 }, 'about of still'],
    [
      'actions',
      { actions: [] },
      'actions of still is []; expected a list of discrete, multi-discrete, multi-binary, box',
    ],
    ['actions', { actions: 'discrete' }, 'actions of still is discrete'],
    ['actions', { actions: ['discrete', 'boxes'] }, 'actions of still is ["discrete","boxes"]'],
    ['options', { options: undefined }, 'option totalTimesteps of still is undefined; expected an option'],
    ['options', { options: { ...options, sigma: 0.1 } }, 'option sigma of still is 0.1; expected an option'],
    ['options', { options: { ...options, sigma: { value: 1 } } }, 'option sigma of still is'],
    ['options', { options: { ...options, sigma: { ...options.sigma, value: -1 } } }, 'option sigma of still is'],
    ['functions', { newAgent: undefined }, '{ name, about, options, actions, train, newAgent }'],
  ])('refuses wrong %s', (_, changes, message) => {
    expect(() => register(changes)).toThrow(message)
    expect(algorithms.some(({ name }) => name === 'still')).toBe(false)
  })

  it('refuses presets with options that it does not have', () => {
    const preset = { name: 'wide', about: 'larger moves', env: 'CartPole-v1', options: { sigma: 1 } }
    expect(() => register({}, [{ ...preset, options: { sigmo: 1 } }])).toThrow('sigmo')
    register({}, [preset])
  })
})

it('an unknown name is told the nearest one', () => {
  expect(algorithm('ppo').name).toBe('ppo')
  expect(() => algorithm('pp0')).toThrow('unknown algorithm "pp0"')
})
