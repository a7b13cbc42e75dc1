// The optimizers' updates, each one pass over a whole block of parameters. The rules and their sources are beside the loops
// of ../reference/optimizers.ts; the constants are computed by optimizers.ts. A variant that does not need a buffer ignores it.

import type { Code } from './assembler.ts'
import type { Local, Pointer, V, Vector } from './instructions/encoding.ts'
import * as f32x4 from './instructions/f32x4.ts'
import * as v128 from './instructions/v128.ts'
import type { Kernel } from './module.ts'
import { forEachVector } from './vectors.ts'

type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S

/** Access to the buffers of an update, by name. */
interface Buffers<Name extends string> {
  read(name: Name): Vector
  /** Stores a value and returns it. */
  write(name: Name, value: V): Vector
}

/** A kernel over all elements of the buffers; the constants are given to `body` in every lane. */
function update<const B extends string, const C extends string>(
  buffers: B,
  constants: C,
  body: (code: Code, buffers: Buffers<Words<B>>, constants: Readonly<Record<Words<C>, Vector>>) => void,
): Kernel<`i32 ${B} count, f32 ${C}`> {
  const names = buffers.split(' ')
  const write = (code: Code, ...locals: Local[]) => {
    const pointers = locals.slice(0, names.length) as Pointer[]
    const numbers = locals.slice(names.length + 1) as Local<'f32'>[]
    const splats = Object.fromEntries(numbers.map((each) => [each.name, code.let(each.name, f32x4.splat(each))]))
    const at = (name: string) => pointers[names.indexOf(name)]!
    forEachVector(code, locals[names.length] as Pointer, pointers, (lanes) => {
      const read = (name: string) => code.let(name, lanes.load(at(name)))
      const store = (name: string, value: V) => {
        const written = code.let(name, value)
        lanes.store(at(name), written)
        return written
      }
      body(code, { read, write: store }, splats as Record<Words<C>, Vector>)
    })
  }
  return { signature: `i32 ${buffers} count, f32 ${constants}`, write: write as never }
}

/** g + decay p. */
const decayed = (gradient: Vector, decay: Vector, parameter: Vector): V =>
  f32x4.add(gradient, f32x4.mul(decay, parameter))

/** keep · average + rest · x, where rest is 1 - keep. */
const averaged = (keep: Vector, average: Vector, rest: Vector, x: V): V =>
  f32x4.add(f32x4.mul(keep, average), f32x4.mul(rest, x))

/**
 * x, or 0 below the smallest normal number. The moments of a weight without gradient (of a unit that relu has cut off) decay into these
 * numbers and stay there, and arithmetic on them takes many times as long.
 */
const flushed = (code: Code, x: V): V => {
  const y = code.let('y', x)
  return v128.bitselect(0, y, f32x4.lt(f32x4.abs(y), 1.1754943508222875e-38))
}

const sgd = /* @__PURE__ */ update('parameter grad', 'rate decay', (_, { read, write }, { rate, decay }) => {
  const p = read('parameter')
  write('parameter', f32x4.sub(p, f32x4.mul(rate, decayed(read('grad'), decay, p))))
})

/** `first`: the velocity starts as the gradient. */
const sgdMomentum = (first: boolean, nesterov: boolean) =>
  update('parameter grad velocity', 'rate decay momentum rest', (code, { read, write }, c) => {
    const p = read('parameter')
    const g = code.let('g', decayed(read('grad'), c.decay, p))
    const v = write('velocity', first ? g : averaged(c.momentum, read('velocity'), c.rest, g))
    const step = nesterov ? f32x4.add(g, f32x4.mul(c.momentum, v)) : v
    write('parameter', f32x4.sub(p, f32x4.mul(c.rate, step)))
  })

/**
 * p := shrink p - rate m / (correction √v + ε), g including decay p. `correction` is 1 / √(1 - β₂ᵗ); `rate` includes
 * 1 / (1 - β₁ᵗ). With AMSGrad, v is the running maximum.
 */
const adam = (amsgrad: boolean) =>
  update(
    'parameter grad first second largest',
    'rate beta1 rest1 beta2 rest2 epsilon correction decay shrink',
    (code, { read, write }, c) => {
      const p = read('parameter')
      const g = code.let('g', decayed(read('grad'), c.decay, p))
      const m = write('first', flushed(code, averaged(c.beta1, read('first'), c.rest1, g)))
      const v = write('second', flushed(code, averaged(c.beta2, read('second'), c.rest2, f32x4.mul(g, g))))
      const spread = amsgrad ? write('largest', f32x4.pmax(v, read('largest'))) : v
      const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(spread), c.correction), c.epsilon)
      const step = f32x4.div(f32x4.mul(c.rate, m), denominator)
      write('parameter', f32x4.sub(f32x4.mul(p, c.shrink), step))
    },
  )

const rmsprop = (centered: boolean, withMomentum: boolean) =>
  update(
    'parameter grad second average velocity',
    'rate alpha rest epsilon decay momentum',
    (code, { read, write }, c) => {
      const p = read('parameter')
      const g = code.let('g', decayed(read('grad'), c.decay, p))
      const square = write('second', averaged(c.alpha, read('second'), c.rest, f32x4.mul(g, g)))
      let variance: V = square
      if (centered) {
        const mean = write('average', averaged(c.alpha, read('average'), c.rest, g))
        variance = f32x4.pmax(f32x4.sub(square, f32x4.mul(mean, mean)), 0) // rounding may leave it below 0
      }
      let step = code.let('step', f32x4.div(g, f32x4.add(f32x4.sqrt(variance), c.epsilon)))
      if (withMomentum) step = write('velocity', f32x4.add(f32x4.mul(c.momentum, read('velocity')), step))
      write('parameter', f32x4.sub(p, f32x4.mul(c.rate, step)))
    },
  )

const adagrad = /* @__PURE__ */ update('parameter grad sum', 'rate epsilon decay', (code, { read, write }, c) => {
  const p = read('parameter')
  const g = code.let('g', decayed(read('grad'), c.decay, p))
  const total = write('sum', f32x4.add(read('sum'), f32x4.mul(g, g)))
  const step = f32x4.div(f32x4.mul(c.rate, g), f32x4.add(f32x4.sqrt(total), c.epsilon))
  write('parameter', f32x4.sub(p, step))
})

export const optimizerKernels = () => ({
  sgd,
  sgdMomentum: sgdMomentum(false, false),
  sgdMomentumFirst: sgdMomentum(true, false),
  sgdNesterov: sgdMomentum(false, true),
  sgdNesterovFirst: sgdMomentum(true, true),
  adam: adam(false),
  amsgrad: adam(true),
  rmsprop: rmsprop(false, false),
  rmspropMomentum: rmsprop(false, true),
  rmspropCentered: rmsprop(true, false),
  rmspropCenteredMomentum: rmsprop(true, true),
  adagrad,
})
