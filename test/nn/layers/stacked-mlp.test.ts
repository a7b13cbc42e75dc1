// A stack of perceptrons computes, learns and clips with the bits of its members.

import { describe, expect, it } from 'vitest'
import { Adam, clipGradNorm, MLP } from '../../../src/nn/index.ts'
import { clipGradNormEach, StackedMlp } from '../../../src/nn/layers/stacked-mlp.ts'
import { parameterList } from '../../../src/nn/module.ts'
import { normal, Rng, square, sum, type Tensor, tensor } from '../../../src/tensor/index.ts'

const BATCH = 4

// Sizes of parameters that fill whole vectors of four, and that do not.
describe.each([[[3, 5, 2]], [[4, 8, 3]]])('perceptrons of the sizes %j', (sizes) => {
  const members = [1, 2, 3].map((seed) => new MLP(sizes, new Rng(seed), { activation: 'tanh' }))
  const x = normal(new Rng(4), [members.length * BATCH, sizes[0]!])
  const inputOf = (i: number) => {
    const size = BATCH * sizes[0]!
    return tensor(x.toArray().slice(i * size, (i + 1) * size), [BATCH, sizes[0]!])
  }
  const slicesOf = (values: ArrayLike<number>) => {
    const size = values.length / members.length
    return members.map((_, i) => Array.from(values).slice(i * size, (i + 1) * size))
  }
  const learn = (stack: StackedMlp) => {
    sum(square(stack.forward(x))).backward()
    for (const [i, member] of members.entries()) {
      for (const parameter of parameterList(member)) parameter.grad = null
      sum(square(member.forward(inputOf(i)))).backward()
    }
  }
  const expectGradients = (stack: StackedMlp) => {
    for (const [name, { grad }] of Object.entries(stack.parameters())) {
      expect(slicesOf(grad!.toArray()), name).toEqual(members.map((each) => [...each.parameters()[name]!.grad!.view()]))
    }
  }

  it('give the outputs of each', () => {
    const y = new StackedMlp(members).forward(x)
    expect(y.shape).toEqual([members.length * BATCH, sizes.at(-1)])
    expect(slicesOf(y.toArray())).toEqual(members.map((each, i) => [...each.forward(inputOf(i)).view()]))
  })

  it('have the gradients of each', () => {
    const stack = new StackedMlp(members)
    learn(stack)
    expectGradients(stack)
  })

  it('are clipped as each alone', () => {
    const stack = new StackedMlp(members)
    for (const member of members) new Adam(member) // lays the gradients in one block
    learn(stack)
    const limits = [0.5, 1e6, 2]
    const norms = clipGradNormEach(parameterList(stack), limits)
    expect(norms).toEqual(members.map((each, i) => clipGradNorm(each, limits[i]!)))
    expectGradients(stack)
  })

  it('share their parameters with the stack when told to', () => {
    const own = members.map((_, i) => new MLP(sizes, new Rng(i + 7), { activation: 'tanh' }))
    const stack = new StackedMlp(own)
    const lossOf = (y: Tensor) => sum(square(y))
    const optimizer = new Adam(stack)
    stack.share()
    optimizer.minimize(() => lossOf(stack.forward(x)))
    const y = own.map((each, i) => [...each.forward(inputOf(i)).view()])
    expect(y).toEqual(slicesOf(stack.forward(x).toArray()))
    expect(y[0]).not.toEqual([...new MLP(sizes, new Rng(7), { activation: 'tanh' }).forward(inputOf(0)).view()])
  })
})
