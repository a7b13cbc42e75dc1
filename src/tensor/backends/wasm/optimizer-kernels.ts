// The optimizers' updates, one pass over a whole block of parameters. The rules and their sources stand beside the loops of
// ../reference-optimizers.ts; here their constants come ready made. A buffer that a setting does not need has no kernel.

import type { Code } from './assembler.ts'
import { type Expr, f32x4, type Local } from './instructions.ts'
import { type Kernel, kernel } from './module.ts'
import { forEachVector } from './vectors.ts'

type V = Expr<'v128'>
type Vector = Local<'v128'>
type Pointer = Local<'i32'>

/** Reads a buffer, once, or writes it. */
interface Buffers {
  read(at: Pointer): Vector
  write(at: Pointer, value: Vector): void
}

function update(code: Code, count: Pointer, pointers: readonly Pointer[], body: (buffers: Buffers) => void): void {
  forEachVector(code, count, pointers, (lanes) =>
    body({ read: (at) => code.let('value', lanes.load(at)), write: (at, value) => lanes.store(at, value) }),
  )
}

const splat = (code: Code, value: Local<'f32'>): Vector => code.let(value.name, f32x4.splat(value))

/** g + decay p. */
const decayed = (gradient: Vector, decay: Vector, parameter: Vector): V =>
  f32x4.add(gradient, f32x4.mul(decay, parameter))

/** keep · average + (1 - keep) · x, both factors given. */
const averaged = (keep: Vector, average: Vector, rest: Vector, x: V): V =>
  f32x4.add(f32x4.mul(keep, average), f32x4.mul(rest, x))

const sgd = /* @__PURE__ */ kernel(
  'i32 parameter grad count, f32 rate decay',
  (code, parameter, grad, count, rate, decay) => {
    const [lr, wd] = [splat(code, rate), splat(code, decay)]
    update(code, count, [parameter, grad], ({ read, write }) => {
      const p = read(parameter)
      const g = read(grad)
      write(parameter, code.let('p', f32x4.sub(p, f32x4.mul(lr, decayed(g, wd, p)))))
    })
  },
)

/** `first`: the velocity starts as the gradient. */
function sgdMomentum(first: boolean, nesterov: boolean) {
  return kernel(
    'i32 parameter grad velocity count, f32 rate decay momentum rest',
    (code, parameter, grad, velocity, count, rate, decay, momentum, rest) => {
      const [lr, wd, mu, share] = [splat(code, rate), splat(code, decay), splat(code, momentum), splat(code, rest)]
      update(code, count, [parameter, grad, velocity], ({ read, write }) => {
        const p = read(parameter)
        const g = code.let('g', decayed(read(grad), wd, p))
        const v = first ? g : code.let('v', averaged(mu, read(velocity), share, g))
        const step = nesterov ? f32x4.add(g, f32x4.mul(mu, v)) : v
        write(velocity, v)
        write(parameter, code.let('p', f32x4.sub(p, f32x4.mul(lr, step))))
      })
    },
  )
}

const adamParameters =
  'i32 parameter grad first second largest count, f32 rate beta1 rest1 beta2 rest2 epsilon correction decay shrink'

/**
 * p := shrink p - rate m / (correction √v + ε), g including decay p. `correction` is 1 / √(1 - β₂ᵗ) and `rate` has
 * 1 / (1 - β₁ᵗ) in it. With AMSGrad, v is the largest so far.
 */
function adam(amsgrad: boolean): Kernel<typeof adamParameters> {
  return kernel(
    adamParameters,
    (
      code,
      parameter,
      grad,
      first,
      second,
      largest,
      count,
      rate,
      beta1,
      rest1,
      beta2,
      rest2,
      epsilon,
      correction,
      decay,
      shrink,
    ) => {
      const [b1, r1, b2, r2] = [splat(code, beta1), splat(code, rest1), splat(code, beta2), splat(code, rest2)]
      const [lr, eps, root] = [splat(code, rate), splat(code, epsilon), splat(code, correction)]
      const [wd, keep] = [splat(code, decay), splat(code, shrink)]
      const pointers = [parameter, grad, first, second, ...(amsgrad ? [largest] : [])]
      update(code, count, pointers, ({ read, write }) => {
        const p = read(parameter)
        const g = code.let('g', decayed(read(grad), wd, p))
        const m = code.let('m', averaged(b1, read(first), r1, g))
        const v = code.let('v', averaged(b2, read(second), r2, f32x4.mul(g, g)))
        write(first, m)
        write(second, v)
        let spread = v
        if (amsgrad) {
          spread = code.let('spread', f32x4.pmax(v, read(largest)))
          write(largest, spread)
        }
        const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(spread), root), eps)
        const step = f32x4.div(f32x4.mul(lr, m), denominator)
        write(parameter, code.let('p', f32x4.sub(f32x4.mul(p, keep), step)))
      })
    },
  )
}

const rmspropParameters = 'i32 parameter grad second average velocity count, f32 rate alpha rest epsilon decay momentum'

function rmsprop(centered: boolean, withMomentum: boolean): Kernel<typeof rmspropParameters> {
  return kernel(
    rmspropParameters,
    (code, parameter, grad, second, average, velocity, count, rate, alpha, rest, epsilon, decay, momentum) => {
      const [lr, keep, share] = [splat(code, rate), splat(code, alpha), splat(code, rest)]
      const [eps, wd, mu] = [splat(code, epsilon), splat(code, decay), splat(code, momentum)]
      const optional = [...(centered ? [average] : []), ...(withMomentum ? [velocity] : [])]
      update(code, count, [parameter, grad, second, ...optional], ({ read, write }) => {
        const p = read(parameter)
        const g = code.let('g', decayed(read(grad), wd, p))
        const square = code.let('square', averaged(keep, read(second), share, f32x4.mul(g, g)))
        write(second, square)
        let variance: V = square
        if (centered) {
          const mean = code.let('mean', averaged(keep, read(average), share, g))
          write(average, mean)
          variance = f32x4.pmax(f32x4.sub(square, f32x4.mul(mean, mean)), 0) // rounding may leave it below 0
        }
        let step = code.let('step', f32x4.div(g, f32x4.add(f32x4.sqrt(variance), eps)))
        if (withMomentum) {
          step = code.let('speed', f32x4.add(f32x4.mul(mu, read(velocity)), step))
          write(velocity, step)
        }
        write(parameter, code.let('p', f32x4.sub(p, f32x4.mul(lr, step))))
      })
    },
  )
}

const adagrad = /* @__PURE__ */ kernel(
  'i32 parameter grad sum count, f32 rate epsilon decay',
  (code, parameter, grad, sum, count, rate, epsilon, decay) => {
    const [lr, eps, wd] = [splat(code, rate), splat(code, epsilon), splat(code, decay)]
    update(code, count, [parameter, grad, sum], ({ read, write }) => {
      const p = read(parameter)
      const g = code.let('g', decayed(read(grad), wd, p))
      const total = code.let('total', f32x4.add(read(sum), f32x4.mul(g, g)))
      write(sum, total)
      const step = f32x4.div(f32x4.mul(lr, g), f32x4.add(f32x4.sqrt(total), eps))
      write(parameter, code.let('p', f32x4.sub(p, step)))
    })
  },
)

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
