import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parameter, parametersToVector } from '../../src/nn/flat.ts'
import {
  Adam,
  copyParameters,
  countParameters,
  freeze,
  Linear,
  MLP,
  namedParameters,
  polyakUpdate,
  unfreeze,
  withFrozen,
} from '../../src/nn/index.ts'
import { collectParameters, parameterList } from '../../src/nn/module.ts'
import { mul, noGrad, Rng, scope, sum, type Tensor, tensor } from '../../src/tensor/index.ts'
import { CpuStorage } from '../../src/tensor/storage.ts'
import { expectClose, fromGolden, goldenCases, toleranceOf } from '../support/golden.ts'
import { parametersToDtype } from '../support/parameters-to-dtype.ts'
import { forAll } from '../support/property.ts'

const network = (seed: number, sizes = [3, 5, 2]) => new MLP(sizes, new Rng(seed))
const valuesOf = (source: { parameters(): Record<string, Tensor> }) =>
  Object.values(source.parameters()).map((tensor) => [...tensor.view()])
const offsets = (tensors: readonly Tensor[]) => tensors.map(({ storage }) => (storage as CpuStorage).offset)

describe('parameters', () => {
  it('are counted once each', () => {
    expect(countParameters(network(1))).toBe(3 * 5 + 5 + 5 * 2 + 2)
    const { bias } = new Linear(2, 3, new Rng(1))
    expect(countParameters({ a: bias!, b: bias! })).toBe(3)
    expect(countParameters([bias!])).toBe(3)
  })

  it('of several parts join under prefixes, so that equal names do not overwrite each other', () => {
    const joined = collectParameters({ actor: network(1), critic: network(2), log_alpha: [parameter([], [0])] })
    expect(Object.keys(joined)).toHaveLength(9)
    expect(Object.keys(joined)[4]).toBe('critic.0.weight')
    expect(Object.keys(joined)[8]).toBe('log_alpha.0')
  })

  it('come from a module, a record or a list', () => {
    const model = network(1)
    expect(parameterList(model)).toEqual(parameterList(model.parameters()))
    expect(Object.keys(namedParameters(parameterList(model)))).toEqual(['0', '1', '2', '3'])
    for (const wrong of [undefined, null, 7]) {
      expect(() => namedParameters(wrong as never)).toThrow(
        `expected a module, its parameters() or a list of tensors, got ${wrong}`,
      )
    }
  })

  it('take gradients, and outlive the scope that they are made in', () => {
    const model = scope(() => ({ kept: [parameter([2], [1, 2])], model: network(1) }))
    scope(() => tensor(new Float32Array(1000)))
    expect([...model.kept[0]!.view()]).toEqual([1, 2])
    expect(valuesOf(model.model)).toEqual(valuesOf(network(1)))
    expect(parameterList(model.model).every((p) => p.requiresGrad)).toBe(true)
  })
})

describe('parametersToVector', () => {
  it('lays tensors one after the other on 16 bytes, with their numbers', () => {
    const tensors = [parameter([3], [1, 2, 3]), parameter([], [4]), parameter([0], []), parameter([2, 2], [5, 6, 7, 8])]
    const whole = parametersToVector(tensors)!
    const [first, ...others] = offsets(tensors)
    expect(first! % 16).toBe(0)
    expect(others.map((offset) => offset - first!)).toEqual([16, 32, 32])
    expect([...whole.view()]).toEqual([1, 2, 3, 0, 4, 0, 0, 0, 5, 6, 7, 8])
    expect(tensors.map((t) => [...t.view()])).toEqual([[1, 2, 3], [4], [], [5, 6, 7, 8]])
  })

  it('lays one tensor alone into a block as well', () => {
    const tensors = [parameter([3], [1, 2, 3])]
    expect([...parametersToVector(tensors)!.view()]).toEqual([1, 2, 3, 0])
    expect((tensors[0]!.storage as CpuStorage).array).toBeNull()
  })

  it('leaves tensors where they are if they lie so already, a part of a block included', () => {
    const tensors = parameterList(network(1))
    const before = offsets(tensors)
    parametersToVector(tensors)
    parametersToVector(tensors.slice(1, 3))
    expect(offsets(tensors)).toEqual(before)
  })

  it('moves them if the order is another', () => {
    const tensors = parameterList(network(1))
    const values = tensors.map((t) => [...t.view()])
    const reversed = [...tensors].reverse()
    expect(parametersToVector(reversed)).not.toBeNull()
    const order = offsets(reversed)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(tensors.map((t) => [...t.view()])).toEqual(values)
  })

  it('moves what would end with a scope out of it', () => {
    const tensors: Tensor[] = []
    scope(() => {
      tensors.push(mul(tensor([1, 2]), tensor(3)), mul(tensor([4]), tensor(3)))
      parametersToVector(tensors)
    })
    expect(tensors.map((t) => [...t.view()])).toEqual([[3, 6], [12]])
  })

  it('keeps out of float64', () => {
    const model = network(1)
    parametersToDtype(model, 'float64')
    expect(parametersToVector(parameterList(model))).toBeNull()
  })
})

describe('copyParameters and polyakUpdate', () => {
  // Every way that two networks may lie: in blocks of their own, scattered, one of each, float64.
  const layouts = {
    flat: (seed: number) => network(seed),
    scattered: (seed: number) => {
      const model = network(seed)
      for (const tensor of parameterList(model)) tensor.storage = CpuStorage.onHeap(tensor.toArray())
      return model
    },
    float64: (seed: number) => {
      const model = network(seed)
      parametersToDtype(model, 'float64')
      return model
    },
  }
  const pairs: [keyof typeof layouts, keyof typeof layouts][] = [
    ['flat', 'flat'],
    ['flat', 'scattered'],
    ['scattered', 'flat'],
    ['float64', 'float64'],
  ]

  it.each(pairs)('from %s to %s', (from, to) => {
    const [source, target] = [layouts[from](1), layouts[to](2)]
    const before = valuesOf(target)
    polyakUpdate(target, source, 0.25)
    valuesOf(target).forEach((values, i) => {
      for (const [j, value] of values.entries())
        expect(value).toBeCloseTo(0.75 * before[i]![j]! + 0.25 * valuesOf(source)[i]![j]!, 6)
    })
    copyParameters(source, target)
    expect(valuesOf(target)).toEqual(valuesOf(source))
    source.parameters()['0.bias']!.view()[0] = 99
    expect(target.parameters()['0.bias']!.view()[0]).not.toBe(99)
  })

  it.each(['float64', 'float32'] as const)('trail the learner by Polyak averaging as PyTorch in %s', (dtype) => {
    const golden = goldenCases('rl.json').find(({ op }) => op === 'polyak')!
    const [target, online] = [fromGolden(golden.inputs.target!, dtype), fromGolden(golden.inputs.online!, dtype)]
    for (let update = 1; update <= 10; update++) {
      polyakUpdate([target], [online], golden.attrs!.tau as number)
      const expected = golden.outputs[`after_${update}`]
      if (expected !== undefined) expectClose(target, expected, toleranceOf(golden, dtype), `after ${update}`)
    }
  })

  it('polyakUpdate with tau 1 copies, with tau 0 does nothing', () => {
    const [source, target] = [network(1), network(2)]
    const before = valuesOf(target)
    polyakUpdate(target, source, 0)
    expect(valuesOf(target)).toEqual(before)
    polyakUpdate(target, source, 1)
    expect(valuesOf(target)).toEqual(valuesOf(source))
  })

  it('approaches the source geometrically', () => {
    forAll([fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.nat(20)], (tau, times) => {
      const [source, target] = [[parameter([1], [1])], [parameter([1], [0])]]
      for (let i = 0; i < times; i++) polyakUpdate(target, source, tau)
      expect(target[0]!.item()).toBeCloseTo(1 - (1 - tau) ** times, 4)
    })
  })

  it('refuse a parameter that both networks have', () => {
    const [source, target] = [network(1), network(2)]
    const shared = { ...target.parameters(), '0.bias': source.parameters()['0.bias']! }
    expect(() => copyParameters(source, shared)).toThrow(
      'copyParameters: both share parameter 0.bias; make new layers for each',
    )
  })

  it('say which parameters differ', () => {
    expect(() => copyParameters(network(1), network(2, [3, 6, 2]))).toThrow(
      'copyParameters: parameter 0.weight is [5, 3] in the source and [6, 3] in the target; the networks must be built alike',
    )
    expect(() => polyakUpdate(network(1), network(2, [3, 2]), 0.5)).toThrow('polyakUpdate: 2 parameters cannot fill 4')
    expect(() => polyakUpdate(network(1), network(2), 1.5)).toThrow(
      'polyakUpdate: tau is 1.5; expected a number from 0 to 1',
    )
  })
})

describe('freezing', () => {
  it('stops gradients, and gives them back', () => {
    const model = network(1)
    const x = tensor([[1, 2, 3]], undefined, { requiresGrad: true })
    freeze(model)
    sum(model.forward(x)).backward()
    expect(parameterList(model).every(({ grad }) => grad === null)).toBe(true)
    expect(x.grad).not.toBeNull()
    unfreeze(model)
    sum(model.forward(x)).backward()
    expect(parameterList(model).every(({ grad }) => grad !== null)).toBe(true)
  })

  it('withFrozen thaws what it froze, also after an error', () => {
    const [a, b] = [parameter([1], [1]), parameter([1], [2])]
    freeze([b])
    expect(withFrozen([a, b], () => a.requiresGrad)).toBe(false)
    expect(() =>
      withFrozen([a, b], () => {
        throw new Error('inside')
      }),
    ).toThrow('inside')
    expect([a.requiresGrad, b.requiresGrad]).toEqual([true, false])
  })

  it('counts when something is computed, not when its gradients are', () => {
    const [a, b] = [parameter([1], [2]), parameter([1], [3])]
    const past = mul(a, b)
    const seen = withFrozen([b], () => mul(mul(a, b), b))
    seen.backward()
    expect([a.grad?.toArray(), b.grad]).toEqual([new Float32Array([9]), null])
    freeze([a, b])
    past.backward()
    expect([a.grad, b.grad].map((grad) => [...grad!.toArray()])).toEqual([[12], [2]])
  })
})

it('parametersToDtype: changes the element type there and back, and drops gradients', () => {
  const model = network(1)
  const before = valuesOf(model)
  new Adam(model) // gives gradients a home, in float32
  sum(model.forward(tensor([[1, 2, 3]]))).backward()
  parametersToDtype(model, 'float64')
  const [weight] = parameterList(model)
  expect([weight!.dtype, weight!.grad, weight!.gradHome]).toEqual(['float64', null, null])
  expect(noGrad(() => model.forward(tensor([[1, 2, 3]], undefined, { dtype: 'float64' }))).dtype).toBe('float64')
  parametersToDtype(model, 'float32')
  expect(valuesOf(model)).toEqual(before)
})
