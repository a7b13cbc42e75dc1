// PyTorch's operations by the names they have in test/golden/torch/ops.json, as calls of ours.

import type { Tensor } from '../../src/tensor/index.ts'
import * as t from '../../src/tensor/index.ts'
import type { Range } from '../../src/tensor/ops/layout.ts'
import type { Axes } from '../../src/tensor/ops/reduce.ts'
import type { GoldenCase } from './golden.ts'

export type Attrs = Readonly<Record<string, unknown>>
export type Inputs = Readonly<Record<string, Tensor>>
export type Run = (inputs: Inputs, attrs: Attrs, golden: GoldenCase) => Tensor

const unary =
  (f: (x: Tensor) => Tensor): Run =>
  ({ x }) =>
    f(x!)
const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Run =>
  ({ a, b }) =>
    f(a!, b!)
const number = (value: unknown) => value as number
const axes = (dim: unknown) => (dim === null ? undefined : (dim as number | number[]))
const over =
  (f: (x: Tensor, axes?: Axes, keepDims?: boolean) => Tensor): Run =>
  ({ x }, { dim, keepdim }) =>
    f(x!, axes(dim), keepdim === true)
const along =
  (f: (x: Tensor, axis?: number, keepDims?: boolean) => Tensor): Run =>
  ({ x }, { dim, keepdim }) =>
    f(x!, dim === null ? undefined : number(dim), keepdim === true)

const composites: Record<string, (inputs: Inputs) => Tensor> = {
  'matmul(transpose(a), transpose(b))': ({ a, b }) => t.matmul(t.transpose(a!), t.transpose(b!)),
  'reshape(transpose(x), [-1])': ({ x }) => t.reshape(t.transpose(x!), [-1]),
  'x*x + x': ({ x }) => t.add(t.mul(x!, x!), x!),
  'x + x': ({ x }) => t.add(x!, x!),
  'y = x*w; out = y*y + tanh(y) + x': ({ x, w }) => {
    const y = t.mul(x!, w!)
    return t.add(t.add(t.mul(y, y), t.tanh(y)), x!)
  },
  'out = -sum(softmax(x)*log_softmax(x), -1)': ({ x }) => t.neg(t.sum(t.mul(t.softmax(x!), t.logSoftmax(x!)), -1)),
  'out = x * detach(x)': ({ x }) => t.mul(x!, t.detach(x!)),
  'out = (x - mean(x,0,keepdim)) / (std(x,0,keepdim,correction=0) + 1e-5)': ({ x }) =>
    t.div(t.sub(x!, t.mean(x!, 0, true)), t.add(t.std(x!, 0, true, 0), 1e-5)),
  'a = x@w; out = softmax(a @ transpose(a), -1) @ x': ({ x, w }) => {
    const a = t.matmul(x!, w!)
    return t.matmul(t.softmax(t.matmul(a, t.transpose(a)), -1), x!)
  },
}

export const torchOps: Record<string, Run> = {
  add: binary(t.add),
  sub: binary(t.sub),
  mul: binary(t.mul),
  div: binary(t.div),
  maximum: binary(t.maximum),
  minimum: binary(t.minimum),
  add_scalar: ({ x }, { scalar }) => t.add(x!, number(scalar)),
  sub_scalar: ({ x }, { scalar }) => t.add(x!, -number(scalar)),
  rsub_scalar: ({ x }, { scalar }) => t.add(t.neg(x!), number(scalar)),
  mul_scalar: ({ x }, { scalar }) => t.mul(x!, number(scalar)),
  div_scalar: ({ x }, { scalar }) => t.mul(x!, 1 / number(scalar)),
  rdiv_scalar: ({ x }, { scalar }) => t.mul(t.reciprocal(x!), number(scalar)),
  neg: unary(t.neg),
  exp: unary(t.exp),
  log: unary(t.log),
  sqrt: unary(t.sqrt),
  abs: unary(t.abs),
  relu: unary(t.relu),
  leaky_relu: ({ x }, { negative_slope }) => t.leakyRelu(x!, number(negative_slope)),
  elu: ({ x }, { alpha }) => t.elu(x!, number(alpha)),
  gelu: unary((x) => t.gelu(x)),
  gelu_tanh: unary((x) => t.gelu(x, 'tanh')),
  tanh: unary(t.tanh),
  sigmoid: unary(t.sigmoid),
  softplus: unary(t.softplus),
  silu: unary(t.silu),
  pow: ({ x, y }, { exponent }) => t.pow(x!, y ?? number(exponent)),
  clamp: ({ x }, { min, max }) =>
    t.clamp(x!, min === undefined ? -Infinity : number(min), max === undefined ? Infinity : number(max)),
  matmul: binary(t.matmul),
  linear: ({ x, weight, bias }) => t.linear(x!, weight!, bias),
  composite: (inputs, { expr }) => {
    const run = composites[String(expr)]
    if (run === undefined) throw new Error(`no composite for ${String(expr)}`)
    return run(inputs)
  },
  transpose: ({ x }, { dim0, dim1 }) => t.transpose(x!, number(dim0), number(dim1)),
  permute: ({ x }, { dims }) => t.permute(x!, dims as number[]),
  reshape: ({ x }, { shape }) => t.reshape(x!, shape as number[]),
  expand: ({ x }, { shape }) => t.expand(x!, shape as number[]),
  unsqueeze: ({ x }, { dim }) => t.unsqueeze(x!, number(dim)),
  squeeze: ({ x }, { dim }) => t.squeeze(x!, number(dim)),
  sum: over(t.sum),
  mean: over(t.mean),
  amax: over(t.amax),
  amin: over(t.amin),
  max: along(t.max),
  min: along(t.min),
  argmax: along(t.argmax),
  argmin: along(t.argmin),
  var: ({ x }, { dim, keepdim, correction }) => t.variance(x!, axes(dim), keepdim === true, number(correction)),
  std: ({ x }, { dim, keepdim, correction }) => t.std(x!, axes(dim), keepdim === true, number(correction)),
  softmax: ({ x }, { dim }) => t.softmax(x!, number(dim)),
  log_softmax: ({ x }, { dim }) => t.logSoftmax(x!, number(dim)),
  logsumexp: over(t.logsumexp),
  gather: ({ x, index }, { dim }) => t.gather(x!, number(dim), index!),
  index_select: ({ x, index }, { dim }) => t.indexSelect(x!, number(dim), index!),
  embedding: ({ weight, index }) => t.embedding(weight!, index!),
  one_hot: ({ index }, { num_classes }) => t.oneHot(index!, number(num_classes)),
  concat: (inputs, { dim }) => t.concat(Object.values(inputs), number(dim)),
  stack: (inputs, { dim }) => t.stack(Object.values(inputs), number(dim)),
  slice: ({ x }, { slices }) => t.slice(x!, slices as Range[]),
  narrow: ({ x }, { dim, start, length }) => t.narrow(x!, number(dim), number(start), number(length)),
  select: ({ x }, { dim, index }) => t.squeeze(t.narrow(x!, number(dim), number(index), 1), number(dim)),
  where: ({ cond, a, b }) => t.where(cond!, a!, b!),
  cumsum: ({ x }, { dim }) => t.cumsum(x!, number(dim)),
  layer_norm: ({ x, weight, bias }, { eps }) => t.layerNorm(x!, weight, bias, number(eps)),
}
