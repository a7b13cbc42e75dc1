import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as errors from '../../src/tensor/errors.ts'
import { forAll } from '../support/property.ts'

const { formatShape, nearestMatch, unknownName } = errors

it('error classes: carry their own names, and one base tells them from bugs', () => {
  const classes = Object.entries(errors).filter(([, each]) => each.prototype instanceof Error)
  expect(classes.length).toBeGreaterThan(8)
  for (const [name, Each] of classes) {
    const error = new (Each as typeof errors.AlambicError)('what was given')
    expect(error.name).toBe(name)
    expect(error.message).toBe('what was given')
    expect(error).toBeInstanceOf(errors.AlambicError)
    expect(error).toBeInstanceOf(Error)
  }
  expect(new TypeError()).not.toBeInstanceOf(errors.AlambicError)
})

describe('nearestMatch', () => {
  it('finds slips of the keyboard, in any case', () => {
    const known = ['CartPole-v1', 'Acrobot-v1', 'Pendulum-v1']
    expect(nearestMatch('CartPol-v1', known)).toBe('CartPole-v1')
    expect(nearestMatch('cartpole-v1', known)).toBe('CartPole-v1')
    expect(nearestMatch('Acorbot-v1', known)).toBe('Acrobot-v1')
    expect(nearestMatch('Breakout-v5', known)).toBeUndefined()
    expect(nearestMatch('', [])).toBeUndefined()
  })

  it('prefers the nearest, and among equals the first', () => {
    expect(nearestMatch('abc', ['abxy', 'abcd'])).toBe('abcd')
    expect(nearestMatch('abc', ['abd', 'abe'])).toBe('abd')
    expect(nearestMatch('ab', ['abcd'])).toBe('abcd') // two slips are allowed even in a short name
    expect(nearestMatch('ab', ['abcde'])).toBeUndefined()
    expect(nearestMatch('abcdefghijkl', ['abcdefgh'])).toBe('abcdefgh') // four in twelve
    expect(nearestMatch('abcdefghijkl', ['abcdefg'])).toBeUndefined()
  })

  it('finds a name after one letter is changed, dropped, added, or two are swapped', () => {
    const name = fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom(...'abcdefgh') })
    const slip = fc.constantFrom('change', 'drop', 'add', 'swap')
    forAll([name, slip, fc.nat()], (each, kind, where) => {
      const at = where % (each.length - 1)
      const middle = { change: 'z', drop: '', add: `${each[at]}z`, swap: `${each[at + 1]}${each[at]}` }[kind]
      const typed = each.slice(0, at) + middle + each.slice(at + (kind === 'swap' ? 2 : 1))
      expect(nearestMatch(typed, ['zzzzzzzzzzzzzzzzzzzzzz', each])).toBe(each)
    })
  })
})

it('unknownName lists what is known and guesses', () => {
  expect(unknownName('op', 'rellu', ['relu', 'tanh'])).toBe(
    'unknown op "rellu"; known are relu, tanh. Did you mean "relu"?',
  )
  expect(unknownName('op', 'convolution', ['relu', 'tanh'])).toBe('unknown op "convolution"; known are relu, tanh.')
})

it('formatShape shows shapes as they are written', () => {
  expect([[], [3], [2, 0, 1]].map(formatShape)).toEqual(['[]', '[3]', '[2, 0, 1]'])
})
