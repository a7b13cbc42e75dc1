import { afterEach, describe, expect, it } from 'vitest'
import { currentScope, keepBeyondScope, releaseAtScopeEnd, releaseWithParameters } from '../../../src/tensor/arena.ts'
import { detach } from '../../../src/tensor/autograd/autograd.ts'
import * as t from '../../../src/tensor/index.ts'
import { Block, memory } from '../../../src/tensor/memory.ts'
import { CpuStorage } from '../../../src/tensor/storage.ts'
import { cotangentOf, seeds } from '../../support/arbitraries.ts'
import { f64, gradOf, leaf, listOf } from '../../support/numbers.ts'
import { allCases } from '../../support/op-cases/all.ts'
import { forAll } from '../../support/property.ts'

const onHeap = (x: t.Tensor) => x.storage instanceof CpuStorage && x.storage.array !== null

afterEach(() => {
  expect(currentScope(), 'no scope was left open').toBeNull()
  expect(memory.mark().chunk, 'the arena was given back').toBe(-1)
})

describe('a scope', () => {
  it('ends its temporaries and copies its result out', () => {
    let temporary = f64([0])
    const result = t.scope(() => {
      temporary = t.add(f64([1, 2]), 1)
      expect(onHeap(temporary)).toBe(false)
      return t.mul(temporary, 10)
    })
    expect(listOf(result)).toEqual([20, 30])
    expect(onHeap(result)).toBe(true)
    expect(() => temporary.toArray()).toThrow(t.ScopeError)
  })

  it('gives a copy that later scopes leave alone', () => {
    const result = t.scope(() => t.mul(f64([1, 2]), 10))
    t.scope(() => t.full([1000], 99, { dtype: 'float64' }))
    expect(listOf(result)).toEqual([10, 20])
  })

  it('copies tensors out of arrays and plain objects, however deep, and returns other things as they are', () => {
    const given = { keep: 1 }
    const result = t.scope(() => ({
      list: [f64([1]), [f64([2])]] as const,
      inner: { x: f64([3]), none: null, missing: undefined, text: 'x' },
      given,
    }))
    expect(listOf(result.list[0])).toEqual([1])
    expect(listOf(result.list[1][0]!)).toEqual([2])
    expect(listOf(result.inner.x)).toEqual([3])
    expect(result.given).toBe(given)
    expect(t.scope(() => 5)).toBe(5)
    expect(t.scope(() => null)).toBe(null)
    expect(t.scope(() => undefined)).toBe(undefined)
  })

  it('a result that contains itself, or the same tensor twice, is no trouble', () => {
    interface Knot {
      x: t.Tensor
      self?: Knot
    }
    const result = t.scope(() => {
      const knot: Knot = { x: f64([1]) }
      knot.self = knot
      return { knot, again: knot.x }
    })
    expect(listOf(result.again)).toEqual([1])
    expect(result.knot.x).toBe(result.again)
  })

  it('what lies in a Map or a class instance ends with the scope, and says so', () => {
    const result = t.scope(() => new Map([['x', f64([1])]]))
    expect(() => result.get('x')!.toArray()).toThrow(t.ScopeError)
  })

  it('leaves tensors from outside where they are, also when it returns them', () => {
    const outside = f64([1, 2])
    const { storage } = outside
    expect(t.scope(() => outside)).toBe(outside)
    expect(outside.storage).toBe(storage)
    expect(listOf(t.scope(() => t.reshape(outside, [2, 1])))).toEqual([1, 2])
  })

  it('in another hands its result to the outer one, which hands it on', () => {
    let middle = f64([0])
    const result = t.scope(() => {
      const before = f64([100, 200])
      middle = t.scope(() => t.add(before, 1))
      expect(onHeap(middle)).toBe(false)
      const later = f64([9, 9])
      expect(listOf(middle)).toEqual([101, 201])
      expect(listOf(later)).toEqual([9, 9])
      return t.sub(middle, before)
    })
    expect(listOf(result)).toEqual([1, 1])
    expect(() => middle.view()).toThrow(t.ScopeError)
  })

  it('lets an inner scope use what the outer one made, and ends the inner one only', () => {
    t.scope(() => {
      const outer = f64([1])
      let inner = f64([0])
      t.scope(() => {
        inner = t.add(outer, 1)
      })
      expect(() => inner.item()).toThrow(t.ScopeError)
      expect(outer.item()).toBe(1)
    })
  })

  it('ends when its body throws', () => {
    let temporary = f64([0])
    const run = () =>
      t.scope(() => {
        temporary = f64([1])
        throw new Error('inside')
      })
    expect(run).toThrow('inside')
    expect(currentScope()).toBeNull()
    expect(() => temporary.view()).toThrow(t.ScopeError)
    expect(() =>
      t.scope(() =>
        t.scope(() => {
          throw new Error('deeper')
        }),
      ),
    ).toThrow('deeper')
  })

  it('refuses an asynchronous body, and does not let its failure go unhandled', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const late = async () => {
      const x = f64([1])
      await Promise.resolve()
      return x.item() // its scope has ended by now
    }
    expect(() => t.scope(late)).toThrow(t.ScopeError)
    expect(() => t.scope(late)).toThrow(/^scope: .*asynchronous.*await/)
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
})

describe('a tensor used after its scope', () => {
  const ended = () => {
    let gone = f64([0])
    t.scope(() => {
      gone = f64([[1, 2]])
    })
    return gone
  }

  it('names the operation, the tensor and the fix', () => {
    const x = ended()
    const here = f64([[1, 2]])
    const uses: Record<string, () => unknown> = {
      view: () => x.view(),
      toArray: () => x.toArray(),
      item: () => t.narrow(x, 1, 0, 1).item(),
      exp: () => t.exp(x),
      add: () => t.add(here, x),
      sub: () => t.sub(x, here),
      pow: () => t.pow(x, 2),
      where: () => t.where(here, here, x),
      sum: () => t.sum(x),
      mean: () => t.mean(x),
      max: () => t.max(x, 1),
      argmax: () => t.argmax(x),
      logsumexp: () => t.logsumexp(x),
      cumsum: () => t.cumsum(x, 1),
      softmax: () => t.softmax(x),
      layerNorm: () => t.layerNorm(x),
      matmul: () => t.matmul(here, t.transpose(x)),
      linear: () => t.linear(here, x),
      transpose: () => t.transpose(x),
      expand: () => t.expand(x, [3, 2]),
      concat: () => t.concat([here, x]),
      stack: () => t.stack([here, x]),
      slice: () => t.slice(x, [[0, 1]]),
      gather: () => t.gather(x, 1, t.tensor(Int32Array.of(0), [1, 1])),
      indexSelect: () => t.indexSelect(x, 1, [0]),
      cast: () => t.cast(x, 'float32'),
      oneHot: () => t.oneHot(x, 3),
    }
    for (const [name, use] of Object.entries(uses)) {
      expect(use, name).toThrow(t.ScopeError)
      const op = name === 'item' ? 'narrow' : name === 'matmul' ? 'transpose' : name
      expect(use, name).toThrow(new RegExp(`^${op}: .*float64\\[1, 2\\] on cpu.*after its scope.*toArray`))
    }
  })

  it('in the backward pass as well', () => {
    const x = leaf([[1, 2]])
    const y = t.mul(x, ended === undefined ? x : f64([[1, 2]]))
    expect(listOf(t.sum(y))).toEqual([5])
    let loss = f64(0)
    t.scope(() => {
      loss = t.sum(t.mul(x, t.exp(x)))
    })
    expect(() => loss.backward()).toThrow(t.ScopeError)
    const kept = t.scope(() => t.sum(t.square(t.exp(x))))
    expect(kept.item()).toBeCloseTo(Math.exp(2) + Math.exp(4), 10)
    expect(() => kept.backward()).toThrow(/^\w+: .*float64\[1, 2\].*after its scope/)
  })

  it('data() rejects', async () => {
    await expect(ended().data()).rejects.toThrow(/^data: .*float64\[1, 2\].*after its scope/)
  })

  it('detach and reshape move no numbers, so it is the next use that throws', () => {
    const x = ended()
    expect(() => t.exp(detach(x))).toThrow(t.ScopeError)
    expect(() => t.exp(t.reshape(x, [2]))).toThrow(/^exp: .*float64\[2\]/)
  })
})

describe('gradients and scopes', () => {
  it('the gradient of a leaf survives the scope of the pass that made it, and collects over scopes', () => {
    const x = leaf([1, 2])
    for (let i = 0; i < 3; i++) t.scope(() => t.sum(t.square(x)).backward())
    expect(gradOf(x)).toEqual([6, 12])
    expect(onHeap(x.grad!)).toBe(true)
  })

  it('a leaf that is made inside a scope outlives it, as its gradient does', () => {
    let x = f64([0])
    t.scope(() => {
      x = leaf([3])
      t.square(x).backward()
    })
    expect(listOf(x)).toEqual([3])
    expect(gradOf(x)).toEqual([6])
  })

  it('so do leaves that are filled or drawn', () => {
    const options = { requiresGrad: true } as const
    const made: t.Tensor[] = []
    t.scope(() => {
      made.push(t.zeros([2], options), t.uniform(new t.Rng(1), [2], 0, 1, options), t.arange(0, 2, 1, options))
    })
    for (const x of made) expect(x.toArray().length).toBe(2)
  })

  it('a home in linear memory receives it', () => {
    const block = new Block(16)
    const x = leaf([1, 2])
    x.gradHome = CpuStorage.inMemory('float64', 2, block.offset, block)
    t.scope(() => t.sum(t.square(x)).backward())
    t.scope(() => t.sum(x).backward())
    expect(gradOf(x)).toEqual([3, 5])
  })

  it('a retained gradient outlives the scope too', () => {
    const x = leaf([1])
    const grad = t.scope(() => {
      const y = t.square(x).retainGrad()
      t.mul(y, 3).backward()
      return y
    }).grad!
    expect(listOf(grad)).toEqual([3])
  })
})

describe('blocks of parameters', () => {
  const blockIn = (options?: { parameters?: boolean }, inner = (body: () => void) => body()) => {
    const block = new Block(64)
    t.scope(() => inner(() => releaseWithParameters(block)), options)
    const { open } = block
    if (open) block.release()
    return open
  }

  it('outlive a scope, except one with parameters: true', () => {
    expect([blockIn(), blockIn({}), blockIn({ parameters: false })]).toEqual([true, true, true])
    expect(blockIn({ parameters: true })).toBe(false)
    expect(blockIn({ parameters: true }, (body) => t.scope(body))).toBe(false) // of an inner scope too
  })

  it('are copied out of it for the tensors in its result, without gradients', () => {
    const block = new Block(16)
    const x = t.scope(
      () => {
        releaseWithParameters(block)
        const parameter = new t.Tensor([2], CpuStorage.inMemory('float64', 2, block.offset, block), true)
        parameter.view().set([3, 4])
        t.sum(parameter).backward()
        return { parameters: () => [parameter], parameter }
      },
      { parameters: true },
    ).parameter
    expect([listOf(x), onHeap(x), x.grad, block.open]).toEqual([[3, 4], true, null, false])
  })
})

it('device memory: is released when its scope ends, unless it is kept or returned', () => {
  const released: string[] = []
  const lease = (name: string) => {
    const each = { release: () => released.push(name) }
    releaseAtScopeEnd(each)
    return each
  }
  lease('outside') // no scope: left to the garbage collector
  t.scope(() => {
    lease('outer')
    t.scope(() => {
      lease('inner')
      keepBeyondScope(lease('kept'))
    })
    expect(released).toEqual(['inner'])
  })
  expect(released).toEqual(['inner', 'outer'])
})

// Chunks are grown and views detached on the way; the numbers must not notice.
it.each(Object.entries(allCases))(
  'every operation: %s gives the same bits inside a scope as outside',
  (_, { calls }) => {
    forAll([calls, seeds()], { numRuns: 10 }, ({ run, inputs }, seed) => {
      const pass = () => {
        const leaves = inputs.map((x) => t.tensor(x.toArray(), x.shape, { requiresGrad: true }))
        const y = run(...leaves)
        y.backward(t.tensor(cotangentOf(seed, y.size), y.shape))
        return { y, grads: leaves.map((x) => x.grad?.toArray()) }
      }
      const [outside, inside] = [pass(), t.scope(pass)]
      expect(listOf(inside.y)).toEqual(listOf(outside.y))
      expect(inside.grads).toEqual(outside.grads)
    })
  },
)
