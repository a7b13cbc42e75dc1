import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parameter, stretchOf } from '../../../src/nn/flat.ts'
import {
  Adagrad,
  Adam,
  AdamW,
  cosineSchedule,
  freeze,
  MLP,
  mseLoss,
  type Optimizer,
  RMSprop,
  SGD,
} from '../../../src/nn/index.ts'
import { collectParameters, parameterList } from '../../../src/nn/module.ts'
import type { CommonSettings, OptimizerState } from '../../../src/nn/optimizers/optimizer.ts'
import {
  add,
  DivergenceError,
  getBackend,
  mul,
  Rng,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
} from '../../../src/tensor/index.ts'
import { memory } from '../../../src/tensor/memory.ts'
import { CpuStorage } from '../../../src/tensor/storage.ts'
import { parametersToDtype } from '../../support/parameters-to-dtype.ts'
import { forAll } from '../../support/property.ts'
import { LoopSGD } from './loop-sgd.ts'

const x = tensor([1, -1, 0.5, 0, 2, 1, -1, 0.5, 2, 0.3, 0.1, -2], [4, 3])
const y = tensor([1, 0, 0, 1, 1, 1, -1, 0], [4, 2])
const network = (seed = 1) => new MLP([3, 6, 2], new Rng(seed), { activation: 'tanh' })
const lossOf = (model: MLP) => () => mseLoss(model.forward(x), y)
const valuesOf = (model: MLP) => parameterList(model).map((tensor) => [...tensor.view()])

type Make = (source: MLP | readonly Tensor[]) => Optimizer<CommonSettings>
const makers: readonly [string, Make][] = [
  ['sgd with momentum', (source) => new SGD(source, { learningRate: 0.05, momentum: 0.9, nesterov: true }) as never],
  ['adam', (source) => new Adam(source, { learningRate: 0.05, amsgrad: true }) as never],
  ['adamw', (source) => new AdamW(source, { learningRate: 0.05 }) as never],
  ['rmsprop', (source) => new RMSprop(source, { momentum: 0.5, centered: true }) as never],
  ['adagrad', (source) => new Adagrad(source, { learningRate: 0.1, learningRateDecay: 0.1 }) as never],
]

function typedArraysMadeBy(body: () => void): number {
  const kinds = ['Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array'] as const
  const originals = kinds.map((kind) => globalThis[kind])
  let made = 0
  const construct = (target: new (...args: never[]) => object, args: never[]) => {
    made++
    return Reflect.construct(target, args)
  }
  for (const [i, kind] of kinds.entries())
    Object.assign(globalThis, { [kind]: new Proxy(originals[i] as never, { construct }) })
  try {
    body()
  } finally {
    for (const [i, kind] of kinds.entries()) Object.assign(globalThis, { [kind]: originals[i] })
  }
  return made
}

it.each([false, true])('moments of Adam decay to 0, not to subnormal numbers; amsgrad %s', (amsgrad) => {
  const p = parameter([5], [1, 1, 1, 1, 1])
  const adam = new Adam([p], { beta1: 0.5, beta2: 0.4, amsgrad })
  for (let step = 0; step < 160; step++) {
    adam.minimize(() => sum(mul(p, step === 0 ? 1 : 0)))
    const { tensors } = adam.saveState()
    const moments = ['0.first.0', '0.second.0'].flatMap((name) => [...tensors[name]!])
    expect(moments.filter((x) => x !== 0 && Math.abs(x) < 2 ** -126)).toEqual([])
  }
})

describe('minimize', () => {
  it.each(makers)('%s lowers a loss, returning the loss before each step', (_, make) => {
    const model = network()
    const optimizer = make(model)
    const first = lossOf(model)().item()
    expect(optimizer.minimize(lossOf(model))).toBe(first)
    for (let i = 0; i < 100; i++) optimizer.minimize(lossOf(model))
    expect(lossOf(model)().item()).toBeLessThan(first / 2)
    expect(optimizer.steps).toBe(101)
  })

  it('forgets gradients that another loss left, and its own', () => {
    const [a, b] = [network(), network()]
    const [clean, stained] = [new Adam(a), new Adam(b)]
    sum(b.forward(x)).backward()
    clean.minimize(lossOf(a))
    stained.minimize(lossOf(b))
    expect(valuesOf(b)).toEqual(valuesOf(a))
    expect(parameterList(b).every(({ grad }) => grad === null)).toBe(true)
  })

  it.each([Number.NaN, Infinity])(
    'throws on a loss of %s, naming the step, and leaves parameters and buffers alone',
    (bad) => {
      const model = network()
      const optimizer = new Adam(model)
      optimizer.minimize(lossOf(model))
      const before = valuesOf(model)
      const state = optimizer.saveState()
      const diverged = () => optimizer.minimize(() => mul(sum(model.forward(x)), tensor(bad)))
      expect(diverged).toThrow(DivergenceError)
      expect(diverged).toThrow(/the loss of step 1 is (NaN|-?Infinity); the parameters are as they were/)
      expect(valuesOf(model)).toEqual(before)
      expect(optimizer.saveState()).toEqual(state)
      expect(parameterList(model).every(({ grad }) => grad === null)).toBe(true)
    },
  )

  it('throws on a gradient norm that is not finite when it clips', () => {
    const p = parameter([1], [1])
    const optimizer = new SGD([p])
    // A finite loss whose gradient overflows float32 on its way back.
    const infinite = () => sum(mul(mul(mul(p, 1e-30), 1e30), 3e38))
    p.view()[0] = 1e-10
    expect(() => optimizer.minimize(infinite, { maxGradNorm: 1 })).toThrow('the gradient norm of step 0 is Infinity')
    expect(p.item()).toBeCloseTo(1e-10, 15)
  })

  it('clips all gradients together', () => {
    const [p, q] = [parameter([1], [0]), parameter([1], [0])]
    const optimizer = new SGD([p, q], { learningRate: 1 })
    optimizer.minimize(() => add(sum(mul(p, 30)), sum(mul(q, -40))), { maxGradNorm: 5 })
    expect([p.item(), q.item()]).toEqual([expect.closeTo(-3, 4), expect.closeTo(4, 4)])
  })

  it('puts its temporaries in a scope: a thousand steps take no more linear memory', () => {
    const model = network()
    const optimizer = new Adam(model)
    for (let i = 0; i < 10; i++) optimizer.minimize(lossOf(model))
    const before = memory.bytes
    for (let i = 0; i < 1000; i++) optimizer.minimize(lossOf(model), { maxGradNorm: 1 })
    expect(memory.bytes).toBe(before)
  })

  it.runIf(getBackend() === 'wasm')('makes no typed array in a step, not even a view', () => {
    const model = network()
    const optimizer = new Adam(model)
    const [inputs, targets] = [x.toArray(), y.toArray()]
    const loss = () => mseLoss(model.forward(tensor(inputs, [4, 3])), tensor(targets, [4, 2]))
    const step = () => optimizer.minimize(loss, { maxGradNorm: 1 })
    for (let i = 0; i < 10; i++) step()
    expect(typedArraysMadeBy(step)).toBe(0)
    expect(typedArraysMadeBy(() => new Float32Array(1))).toBe(1)
  })

  it('works inside a scope of the caller', () => {
    const [a, b] = [network(), network()]
    new Adam(a).minimize(lossOf(a))
    scope(() => {
      const optimizer = new Adam(b)
      scope(() => optimizer.minimize(lossOf(b)))
    })
    expect(valuesOf(b)).toEqual(valuesOf(a))
  })

  it('keeps float64 buffers that were made in a scope', () => {
    const p = tensor(Float64Array.of(1, -2), undefined, { requiresGrad: true })
    const optimizer = scope(() => new SGD([p], { learningRate: 0.5, momentum: 0.5 }))
    scope(() => tensor(new Float64Array(100).fill(9))) // writes over what was released
    for (let i = 0; i < 2; i++) optimizer.minimize(() => sum(mul(p, 2)))
    expect([...p.view()]).toEqual([1 - 0.5 * (2 + 3), -2 - 0.5 * (2 + 3)])
  })
})

describe('the one call for a block and the calls for each parameter', () => {
  // The same training whatever the layout: in one block, gradients elsewhere, one parameter a list.
  it.each(makers)('%s gives the same numbers either way', (_, make) => {
    const [flat, apart] = [network(), network()]
    const one = make(flat)
    const each = make(apart)
    for (let i = 0; i < 5; i++) {
      one.minimize(lossOf(flat))
      each.zeroGrad()
      lossOf(apart)().backward()
      for (const p of parameterList(apart)) {
        p.grad = tensor(p.grad!.toArray(), p.shape)
        ;(p.gradHome as CpuStorage).view().fill(99) // what stands in the block is not the gradient
      }
      each.step()
    }
    expect(valuesOf(apart)).toEqual(valuesOf(flat))
  })

  it.each(makers)('%s skips a parameter without a gradient, and counts its steps apart', (_, make) => {
    const [p, q] = [parameter([2], [1, -2]), parameter([3], [3, 4, -5])]
    const [pAlone, qAlone] = [parameter([2], [1, -2]), parameter([3], [3, 4, -5])]
    const both = make([p, q])
    const [first, second] = [make([pAlone]), make([qAlone])]
    // Each learns as if it were alone, whoever takes part in a pass.
    for (const takingPart of ['pq', 'p', 'q', 'pq', 'p', 'pq']) {
      const [withP, withQ] = [...'pq'].map((name) => takingPart.includes(name))
      const terms = [...(withP ? [sum(square(p))] : []), ...(withQ ? [sum(square(q))] : [])]
      both.minimize(() => terms.reduce((a, b) => add(a, b)))
      if (withP) first.minimize(() => sum(square(pAlone)))
      if (withQ) second.minimize(() => sum(square(qAlone)))
      expect([...p.view()]).toEqual([...pAlone.view()])
      expect([...q.view()]).toEqual([...qAlone.view()])
    }
  })

  it('goes on when another optimizer moves the parameters to another block', () => {
    const [a, b] = [network(), network()]
    const alone = new Adam(a, { learningRate: 0.05 })
    const first = new Adam(b, { learningRate: 0.05 })
    for (let i = 0; i < 3; i++) {
      alone.minimize(lossOf(a))
      first.minimize(lossOf(b))
    }
    new SGD([...parameterList(b)].reverse(), { learningRate: 0 }).minimize(lossOf(b))
    for (let i = 0; i < 3; i++) {
      alone.minimize(lossOf(a))
      first.minimize(lossOf(b))
    }
    expect(valuesOf(b)).toEqual(valuesOf(a))
  })

  it('goes on when one parameter is put elsewhere', () => {
    const [a, b] = [network(), network()]
    const [still, moved] = [new Adam(a), new Adam(b)]
    still.minimize(lossOf(a))
    moved.minimize(lossOf(b))
    const { '2.weight': weight } = b.parameters()
    weight!.storage = CpuStorage.onHeap(weight!.toArray())
    still.minimize(lossOf(a))
    moved.minimize(lossOf(b))
    expect(valuesOf(b)).toEqual(valuesOf(a))
  })

  it('is one call for a whole block, padding included, and one for each parameter where gradients lie apart', () => {
    const [model, plain] = [network(), network()]
    const [loop, sgd] = [new LoopSGD(model, 0.1), new SGD(plain, { learningRate: 0.1 })]
    loop.minimize(lossOf(model))
    sgd.minimize(lossOf(plain))
    expect(loop.lengths).toEqual([20 + 8 + 12 + 4]) // 18, 6, 12 and 2 numbers
    lossOf(model)().backward()
    for (const p of parameterList(model)) p.grad = tensor(p.grad!.toArray(), p.shape)
    loop.step()
    sgd.minimize(lossOf(plain))
    expect(loop.lengths.slice(1)).toEqual([18, 6, 12, 2])
    expect(valuesOf(model).flat()).toEqual(
      valuesOf(plain)
        .flat()
        .map((value) => expect.closeTo(value, 6)),
    )
  })

  it('lays parameters, their gradients and those that were there before into one block each', () => {
    const tensors = [parameter([3], [1, 2, 3]), parameter([2], [4, 5])]
    sum(square(tensors[0]!)).backward()
    new SGD(tensors)
    const homes = tensors.map(({ gradHome }) => gradHome!)
    expect(stretchOf(tensors.map(({ storage }) => storage))!.length).toBe(8)
    expect(stretchOf(homes)!.length).toBe(8)
    expect(tensors[0]!.grad!.storage).toBe(homes[0])
    expect([...tensors[0]!.grad!.view()]).toEqual([2, 4, 6])
  })

  it('reuses the gradient of a float64 parameter in every pass', () => {
    const p = tensor(Float64Array.of(1, 2), undefined, { requiresGrad: true })
    const optimizer = new SGD([p])
    const passes = [1, 2].map(() => {
      optimizer.zeroGrad()
      sum(square(p)).backward()
      return p.grad!.storage
    })
    expect(passes[1]).toBe(passes[0])
  })

  it('two optimizers over the same parameters share one block, and one of gradients', () => {
    const model = network()
    const before = parameterList(model).map(({ storage }) => storage)
    const a = new Adam(model)
    const homes = parameterList(model).map(({ gradHome }) => gradHome)
    const b = new SGD(model)
    expect(parameterList(model).map(({ storage }) => storage)).toEqual(before)
    expect(parameterList(model).map(({ gradHome }) => gradHome)).toEqual(homes)
    a.minimize(lossOf(model))
    b.minimize(lossOf(model))
    expect(b.steps).toBe(1)
  })

  it('learns in float64', () => {
    const model = network()
    parametersToDtype(model, 'float64')
    const [x64, y64] = [x, y].map((t) => tensor(Float64Array.from(t.toArray()), t.shape))
    const optimizer = new Adam(model, { learningRate: 0.05 })
    const loss = () => mseLoss(model.forward(x64!), y64!)
    const first = optimizer.minimize(loss)
    for (let i = 0; i < 50; i++) optimizer.minimize(loss)
    expect(loss().item()).toBeLessThan(first / 2)
    parametersToDtype(model, 'float32')
    expect(() => optimizer.minimize(lossOf(model))).toThrow(
      'parameter "0.weight" is float32, the optimizer\'s state for it float64',
    )
  })

  it('lets frozen parameters be', () => {
    const model = network()
    const optimizer = new Adam(model)
    const { '0.weight': frozen } = model.parameters()
    freeze([frozen!])
    const before = [...frozen!.view()]
    optimizer.minimize(lossOf(model))
    expect([...frozen!.view()]).toEqual(before)
    expect(valuesOf(model)[1]).not.toEqual(valuesOf(network())[1])
  })
})

describe('groups and the learning rate', () => {
  it('groups have settings of their own and take the others from the options', () => {
    const [p, q] = [parameter([1], [0]), parameter([1], [0])]
    const optimizer = new SGD([{ parameters: [p], learningRate: 1 }, { parameters: { q } }], { learningRate: 0.1 })
    optimizer.minimize(() => add(sum(p), sum(q)))
    expect(p.item()).toBe(-1)
    expect(q.item()).toBeCloseTo(-0.1, 6)
  })

  it('the learning rate can be set at any time, and read', () => {
    const p = parameter([1], [0])
    const optimizer = new SGD([p], { learningRate: 1 })
    optimizer.learningRate = 0.5
    expect(optimizer.learningRate).toBe(0.5)
    optimizer.minimize(() => sum(p))
    expect(p.item()).toBe(-0.5)
    expect(() => Object.assign(optimizer, { learningRate: -1 })).toThrow(
      'learningRate is -1; expected a finite number, at least 0',
    )
  })

  it('a schedule is asked for each step', () => {
    const p = parameter([1], [0])
    const optimizer = new SGD([p], { learningRate: (step) => 10 ** -step })
    for (let i = 0; i < 3; i++) optimizer.minimize(() => sum(p))
    expect(p.item()).toBeCloseTo(-1.11, 5)
    expect(optimizer.learningRate).toBeCloseTo(1e-3, 12)
  })

  it('a tied parameter learns once', () => {
    const p = parameter([1], [0])
    const optimizer = new SGD({ first: p, second: p }, { learningRate: 1 })
    optimizer.minimize(() => sum(p))
    expect(p.item()).toBe(-1)
  })

  it('refuses what it cannot learn', () => {
    const p = parameter([1], [0])
    expect(() => new SGD([])).toThrow('there are no parameters to learn')
    expect(() => new SGD([{ parameters: [p] }, { parameters: [p] }])).toThrow('a parameter is in two groups')
    expect(() => new SGD([mul(p, 2)])).toThrow('was computed from other tensors')
    expect(() => new SGD(undefined as never)).toThrow('expected a module, its parameters() or a list of tensors')
  })

  it('refuses settings out of range', () => {
    const p = [parameter([1], [0])]
    expect(() => new SGD(p, { learningRate: Number.NaN })).toThrow('learningRate is NaN')
    expect(() => new SGD(p, { weightDecay: -1 })).toThrow('weightDecay is -1')
    expect(() => new SGD(p, { momentum: -1 })).toThrow('momentum is -1')
    expect(() => new SGD(p, { nesterov: true })).toThrow('nesterov needs a momentum above 0 and no dampening')
    expect(() => new SGD(p, { nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow('nesterov needs')
    expect(() => new Adam(p, { beta1: 1 })).toThrow('beta1 is 1; expected at least 0 and below 1')
    expect(() => new Adam(p, { beta2: -0.1 })).toThrow('beta2 is -0.1')
    expect(() => new Adam(p, { epsilon: -1 })).toThrow('epsilon is -1')
    expect(() => new RMSprop(p, { alpha: 1 })).toThrow('alpha is 1')
    expect(() => new RMSprop(p, { epsilon: -1 })).toThrow('epsilon is -1')
    expect(() => new RMSprop(p, { momentum: -1 })).toThrow('momentum is -1')
    expect(() => new Adagrad(p, { learningRateDecay: -1 })).toThrow('learningRateDecay is -1')
    expect(() => new Adagrad(p, { initialSum: -1 })).toThrow('initialSum is -1')
    expect(() => new Adagrad(p, { epsilon: -1 })).toThrow('epsilon is -1')
  })
})

describe('saveState and loadState', () => {
  it('keep only the buffers that the settings need', () => {
    const p = [parameter([2], [0, 0])]
    const buffersOf = (optimizer: Optimizer<never>) => Object.keys(optimizer.saveState().tensors)
    expect(buffersOf(new SGD(p) as never)).toEqual([])
    expect(buffersOf(new SGD(p, { momentum: 0.9 }) as never)).toEqual(['0.velocity.0'])
    expect(buffersOf(new RMSprop(p) as never)).toEqual(['0.second.0'])
    expect(buffersOf(new RMSprop(p, { momentum: 0.9, centered: true }) as never)).toEqual([
      '0.second.0',
      '0.mean.0',
      '0.velocity.0',
    ])
  })

  const travelled = ({ tensors, ...rest }: OptimizerState): OptimizerState => {
    return { ...(JSON.parse(JSON.stringify(rest)) as Omit<OptimizerState, 'tensors'>), tensors }
  }

  it.each(makers)('%s goes on with the same bits', (_, make) => {
    forAll([fc.nat(4), fc.boolean()], { numRuns: 5 }, (steps, partial) => {
      const [a, b] = [network(), network(2)]
      const [original, resumed] = [make(a), make(b)]
      const { '0.weight': weight } = a.parameters()
      for (let i = 0; i < steps; i++) original.minimize(lossOf(a))
      if (partial) original.minimize(() => sum(square(weight!)))
      original.learningRate = 0.01
      const state = travelled(original.saveState())
      original.minimize(lossOf(a))
      original.minimize(lossOf(a))
      // Back to where the state was saved: the parameters are the caller's to keep.
      const replay = network()
      const before = make(replay)
      for (let i = 0; i < steps; i++) before.minimize(lossOf(replay))
      if (partial) before.minimize(() => sum(square(replay.parameters()['0.weight']!)))
      for (const [i, p] of parameterList(b).entries()) p.view().set(parameterList(replay)[i]!.view())
      resumed.loadState(state)
      resumed.minimize(lossOf(b))
      resumed.minimize(lossOf(b))
      expect(valuesOf(b)).toEqual(valuesOf(a))
      expect(resumed.steps).toBe(original.steps)
      expect(resumed.saveState()).toEqual(original.saveState())
    })
  })

  it('is a copy', () => {
    const model = network()
    const optimizer = new Adam(model)
    const state = optimizer.saveState()
    optimizer.minimize(lossOf(model))
    expect(Object.values(state.tensors).every((values) => values.every((v) => v === 0))).toBe(true)
    expect(Object.keys(state.tensors)).toContain('0.second.2.weight')
  })

  it('leaves a schedule to the constructor', () => {
    const learningRate = cosineSchedule(1, 10)
    const state = new Adam(network(), { learningRate }).saveState()
    expect(state.groups[0]!.settings).not.toHaveProperty('learningRate')
    const resumed = new Adam(network(), { learningRate })
    resumed.loadState({ ...state, steps: 5 })
    expect(resumed.learningRate).toBeCloseTo(0.5, 12)
  })

  it('takes the learning rate of a state in place of a schedule', () => {
    const resumed = new Adam(network(), { learningRate: cosineSchedule(1, 10) })
    resumed.loadState(new Adam(network(), { learningRate: 0.25 }).saveState())
    expect(resumed.learningRate).toBe(0.25)
  })

  it('refuses steps, numbers and settings that no optimizer has, and changes nothing', () => {
    const optimizer = new SGD(network(), { momentum: 0.5 })
    const state = optimizer.saveState()
    const [group] = state.groups
    const key = '0.velocity.2.bias'
    const withSettings = (settings: object) => ({
      ...state,
      groups: [{ ...group!, settings: { ...group!.settings, ...settings } }],
    })
    const tensors = { ...state.tensors, [key]: Float32Array.of(0, NaN) }
    for (const [wrong, message] of [
      [{ ...state, steps: -1 }, /its steps are no counts/],
      [{ ...state, groups: [{ ...group!, steps: [0, 0.5, 0, 0] }] }, /its steps are no counts/],
      [{ ...state, tensors }, `"${key}" holds numbers that are not`],
      [withSettings({ momentum: '0.5' }), /its setting momentum is 0.5/],
      [withSettings({ nesterov: 1 }), /its setting nesterov is 1/],
      [withSettings({ momentum: -1 }), /momentum is -1; expected/],
    ] as const) {
      expect(() => optimizer.loadState(wrong as OptimizerState)).toThrow(message)
    }
    const scheduled = new SGD(network(), { momentum: 0.5, learningRate: cosineSchedule(1, 10) })
    expect(() => scheduled.loadState(withSettings({ learningRate: true }) as never)).toThrow(
      'its setting learningRate is true',
    )
    expect(optimizer.saveState()).toEqual(state)
  })

  it('refuses the state of another optimizer or network, and changes nothing', () => {
    const model = network()
    const optimizer = new Adam(model)
    optimizer.minimize(lossOf(model))
    const before = optimizer.saveState()
    const load = (other: Optimizer<never>) => () => optimizer.loadState(other.saveState())
    expect(load(new SGD(network()) as never)).toThrow('it is of "sgd", this is "adam"')
    const two = collectParameters({ a: network(), b: network() })
    expect(load(new Adam(two) as never)).toThrow('groups of 8 parameters, this has 4')
    const wide = new MLP([3, 7, 2], new Rng(1))
    expect(load(new Adam(wide) as never)).toThrow('"0.first.0.weight" has 21 numbers there and 18 here')
    expect(load(new Adam(parameterList(network())) as never)).toThrow('"0.first.0.weight" has no numbers there')
    expect(optimizer.saveState()).toEqual(before)
  })
})
