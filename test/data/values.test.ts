// Faults of values in words, and what counts as the same value.

import { describe, expect, it } from 'vitest'
import { Box, Dict, Discrete, MultiBinary, MultiDiscrete, type Space, Tuple } from '../../src/data/spaces.ts'
import {
  copyValue,
  faultOf,
  limitsOf,
  maskFault,
  rewardFault,
  sameValue,
  shapeFault,
  violation,
} from '../../src/data/values.ts'

const box = new Box([-1, 0], [1, 5])
const choice = new Discrete(3, -1)
const tuple = new Tuple([choice, box])
const dict = new Dict({ gear: choice })

describe('faultOf', () => {
  it.each<[space: Space<unknown>, value: unknown]>([
    [box, Float32Array.of(-1, 5)],
    [box, Float32Array.of(1, 0)],
    [choice, -1],
    [choice, 1],
    [new MultiDiscrete([3, 2]), Int32Array.of(2, 1)],
    [new MultiBinary(2), Int8Array.of(0, 1)],
    [tuple, [0, Float32Array.of(0, 0)]],
    [dict, { gear: 0 }],
  ])('finds none in %s of %o', (space, value) => expect(faultOf(space, value)).toBeUndefined())

  it.each<[space: Space<unknown>, value: unknown, fault: string]>([
    [choice, 2, 'is outside its space: 2, allowed is Discrete(-1 … 1)'],
    [choice, -2, 'is outside its space: -2, allowed is Discrete(-1 … 1)'],
    [choice, 0.5, 'is 0.5, which is not a whole number'],
    [choice, Number.NaN, 'is not a number (NaN)'],
    [choice, '1', 'has the wrong type: "1" where a whole number belongs'],
    [box, [0, 0], 'has the wrong type: Array [0, 0] where a Float32Array belongs'],
    [box, Float32Array.of(0), 'has 1 numbers where its space has 2'],
    [box, Float32Array.of(0, 5.5), 'is outside its space: number 1 is 5.5, allowed is 0 … 5'],
    [box, Float32Array.of(-1.5, 6), 'is outside its space: number 0 is -1.5, allowed is -1 … 1'],
    [box, Float32Array.of(1, Number.NaN), 'is not a number (NaN) at index 1'],
    [tuple, { 0: 0, 1: 0 }, 'has the wrong type: { 0: 0, 1: 0 } where an array belongs'],
    [tuple, [0, Float32Array.of(0)], 'has 1 numbers where its space has 2 (entry 1)'],
    [dict, Float32Array.of(0), 'has the wrong type: Float32Array [0] where an object belongs'],
    [dict, [0], 'has the wrong type: Array [0] where an object belongs'],
    [dict, null, 'has the wrong type: null where an object belongs'],
    [dict, {}, 'lacks the key "gear" of its space'],
    [tuple, [0], 'lacks the entry 1 of its space'],
    [box, Float32Array.of(-1, 6), 'is outside its space: number 1 is 6, allowed is 0 … 5'],
    [dict, { gear: 0, speed: 1 }, 'has the key "speed", which its space lacks'],
  ])('finds it in %s of %o: %s', (space, value, fault) => expect(faultOf(space, value)).toBe(fault))

  it('knows nothing of other spaces but that the value is outside', () => {
    const even = { contains: (value: unknown) => value === 2, toString: () => 'the even prime' }
    expect(faultOf(even as unknown as Space<unknown>, 2)).toBeUndefined()
    expect(faultOf(even as unknown as Space<unknown>, 3)).toBe('is outside its space: 3, allowed is the even prime')
  })
})

describe('shapeFault', () => {
  it.each<[space: Space<unknown>, value: unknown]>([
    [box, Float32Array.of(-9, 9)],
    [box, [0, 9]],
    [box, Float64Array.of(1, 2)],
    [choice, 1],
    [tuple, [0, [9, 9]]],
    [new MultiBinary(1), Int8Array.of(1)],
  ])('packs in %s the value %o, whatever its bounds and array type', (space, value) => {
    expect(shapeFault(space, value)).toBeUndefined()
  })

  it.each<[space: Space<unknown>, value: unknown, fault: string]>([
    [choice, 2, 'is outside its space: 2, allowed is Discrete(-1 … 1)'],
    [box, 3, 'has the wrong type: 3 where a Float32Array belongs'],
    [box, Float32Array.of(1), 'has 1 numbers where its space has 2'],
    [box, [1, 2, 3], 'has 3 numbers where its space has 2'],
    [box, Float32Array.of(Number.NaN, 0), 'has NaN at index 0; expected a number'],
    [box, [0, Number.NaN], 'has NaN at index 1; expected a number'],
    [box, [0, '1'], 'has "1" at index 1; expected a number'],
    [tuple, [0, [9, null]], 'has null at index 1; expected a number (entry 1)'],
    [new MultiBinary(2), [0, 1], 'has the wrong type: Array [0, 1] where an Int8Array belongs'],
  ])('finds it in %s of %o: %s', (space, value, fault) => expect(shapeFault(space, value)).toBe(fault))
})

it('limitsOf gives the array type and the bounds of vectors, and nothing of other spaces', () => {
  expect(limitsOf(box)).toEqual({ Type: Float32Array, low: box.low, high: box.high })
  expect(limitsOf(new MultiDiscrete([3, 2]))).toEqual({ Type: Int32Array, low: [0, 0], high: [2, 1] })
  expect(limitsOf(new MultiBinary(2))).toEqual({ Type: Int8Array, low: [0, 0], high: [1, 1] })
  for (const space of [choice, tuple, dict]) expect(limitsOf(space)).toBeUndefined()
})

it('violation names the reset, which is step 0, or the step', () => {
  const [reset, step] = [0, 3].map((at) => violation('Walk-v0', 'observation', at, 'is NaN'))
  expect(reset).toBe('Walk-v0: the observation of reset() is NaN; checkEnv(env) lists what is wrong')
  expect(step).toBe('Walk-v0: the observation of step 3 is NaN; checkEnv(env) lists what is wrong')
})

it('rewardFault takes finite numbers only', () => {
  for (const reward of [0, -1.5, 1e300]) expect(rewardFault(reward)).toBeUndefined()
  expect(rewardFault('1')).toBe('is "1"; expected a number')
  expect(rewardFault(-Infinity)).toBe('is -Infinity; expected a finite number')
})

it('maskFault takes one 0 or 1 for each choice, of which one is allowed', () => {
  for (const mask of [[0, 1, 0], Uint8Array.of(1, 1, 1)]) expect(maskFault(mask, choice)).toBeUndefined()
  expect(maskFault([0, 0, 0], choice)).toBe('allows no action at all')
  expect(maskFault([1, 2, 0], choice)).toBe('is Array [1, 2, 0]; expected only 0 and 1')
  expect(maskFault([1, 0], choice)).toBe('is Array [1, 0]; expected 3 entries, one an action')
  expect(maskFault({ length: 3, 0: 1, 1: 1, 2: 1 }, choice)).toMatch(/^is \{.*; expected 3 entries/)
  expect(maskFault(null, choice)).toBe('is null; expected 3 entries, one an action')
  expect(maskFault([1, 1], box)).toMatch(/^is given, but the actions are no single choice: Box/)
})

describe('sameValue', () => {
  it.each<[a: unknown, b: unknown]>([
    [1, '1'],
    [0, -0],
    [null, {}],
    [{}, null],
    [undefined, null],
    [[], {}],
    ['ab', ['a', 'b']],
    [['a', 'b'], 'ab'],
    [{ 0: 1 }, [1]],
    [[1], Float32Array.of(1)],
    [Float32Array.of(1), Float64Array.of(1)],
    [[1], [1, 2]],
    [{}, 3],
    [3, {}],
    [{ a: undefined }, { b: undefined }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [1, 2],
    [undefined, {}],
    [{}, undefined],
  ])('tells %o from %o', (a, b) => expect(sameValue(a, b)).toBe(false))

  it('compares the entries of records in any order', () => {
    expect(sameValue({ a: 1, b: [Number.NaN] }, { b: [Number.NaN], a: 1 })).toBe(true)
  })
})

it('copyValue copies arrays and records within each other, and gives all else as it is', () => {
  const value = { list: [Float32Array.of(1), { deep: 2 }], text: 'a', slice: 3, none: null }
  const copy = copyValue(value)
  expect(copy).toEqual(value)
  expect(copy.list[0]).not.toBe(value.list[0])
  expect(copy.list[1]).not.toBe(value.list[1])
  expect(copyValue(undefined)).toBeUndefined()
})
