// Parameters that share settings, with the optimizer's buffers for them (velocities, moments). Values, gradients and each buffer
// lie in one block, so a step is one call. Where that is not possible (a parameter without a gradient in this pass, float64, a
// GPU, a network that another optimizer moved) each parameter with a gradient gets its own call, with the same result.

import { keepBeyondScope, type Releasable } from '../../tensor/arena.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import { requireLive, Tensor } from '../../tensor/autograd/tensor.ts'
import { transfers } from '../../tensor/dispatch/families.ts'
import { backendOf } from '../../tensor/dispatch/select.ts'
import { DeviceError, DTypeError } from '../../tensor/errors.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { CpuStorage, type Storage } from '../../tensor/storage.ts'
import { flattenGradients, parametersToVector, persistent, slicesOf } from '../flat.ts'

/** The buffers of an optimizer by name; null where the settings need none. */
export type Buffers<Name extends string> = Readonly<Record<Name, Storage | null>>

/** Operands of one update call: a whole group, or one parameter of it. */
export interface Slot<Name extends string> {
  readonly parameter: Storage
  readonly gradient: Storage
  readonly buffers: Buffers<Name>
  /** Updates before this one. */
  readonly step: number
}

interface Place<Name extends string> {
  /** Storage of this parameter and of its gradient in the block; null outside a block. */
  readonly home: Storage | null
  readonly gradientHome: Storage | null
  readonly buffers: Buffers<Name>
  step: number
}

export class ParameterGroup<Settings, Name extends string> {
  readonly parameters: readonly Tensor[]
  readonly places: readonly Place<Name>[]
  private readonly whole: (Omit<Slot<Name>, 'step'> & { readonly parameter: CpuStorage }) | null = null

  /** @param initial value of each buffer; null for one that is not needed */
  constructor(
    readonly names: readonly string[],
    parameters: readonly Tensor[],
    /** May change between steps, but for those that decide which buffers exist. */
    readonly settings: Settings,
    initial: Readonly<Record<Name, number | null>>,
  ) {
    this.parameters = parameters
    const values = parametersToVector(parameters)
    if (values === null) {
      this.places = parameters.map((tensor) => {
        const { storage } = tensor
        tensor.gradHome ??= bufferLike(storage, 0) // reused by every pass, so that a GPU's memory does not fill up
        const buffers = eachBuffer(initial, (value) => bufferLike(storage, value))
        return { home: null, gradientHome: null, buffers, step: 0 }
      })
      return
    }
    const gradients = flattenGradients(parameters)
    const wholes = eachBuffer(initial, (value) => persistent('float32', values.length, value))
    const slices = eachBuffer(wholes, (whole) => slicesOf(whole, parameters))
    this.places = parameters.map((tensor, i) => ({
      home: tensor.storage,
      gradientHome: tensor.gradHome,
      buffers: eachBuffer(slices, (all) => all[i]!),
      step: 0,
    }))
    this.whole = { parameter: values, gradient: gradients, buffers: wholes }
  }

  /** One update of the whole group, or of each parameter that has a gradient. */
  update(apply: (slot: Slot<Name>) => void): void {
    if (this.whole !== null && this.inPlace()) {
      const { parameter, gradient, buffers } = this.whole
      parameter.requireOpen('parameters were')
      apply({ parameter, gradient, buffers, step: this.places[0]!.step })
      for (const place of this.places) place.step++
      return
    }
    for (let i = 0; i < this.parameters.length; i++) {
      const { storage, grad } = this.parameters[i]!
      const place = this.places[i]!
      if (grad === null) continue
      requireLive('step', this.parameters[i]!)
      requireSameKind(this.names[i]!, storage, place.buffers)
      apply({ parameter: storage, gradient: grad.storage, buffers: place.buffers, step: place.step })
      place.step++
    }
  }

  private inPlace(): boolean {
    const { step } = this.places[0]!
    for (let i = 0; i < this.parameters.length; i++) {
      const { storage, grad } = this.parameters[i]!
      const place = this.places[i]!
      if (storage !== place.home || grad === null || grad.storage !== place.gradientHome || place.step !== step)
        return false
    }
    return true
  }
}

type Operands<Name extends string> = Record<'parameter' | 'gradient' | Name, Tensor>

/** An update by operations of tensors: `rule` returns the new values of the operands that change. Absent buffers are undefined. */
export function updateBy<Name extends string>(
  { parameter, gradient, buffers }: Slot<Name>,
  rule: (operands: Operands<Name>) => Partial<Operands<Name>>,
): void {
  const storages: Record<string, Storage | null> = { parameter, gradient, ...buffers }
  inferenceMode(() => {
    const present = Object.entries(storages).flatMap(([name, x]) =>
      x === null ? [] : [[name, new Tensor([x.length], x)]],
    )
    const changed = Object.entries<Tensor | undefined>(rule(Object.fromEntries(present) as Operands<Name>))
    for (const [name, { storage } = {}] of changed) backendOf(parameter, transfers).copyInto(storages[name]!, storage!)
  })
}

/** g + decay · p, the gradient with the L2 penalty. */
export const decayed = (g: Tensor, p: Tensor, decay: number): Tensor => (decay === 0 ? g : add(g, mul(p, decay)))

// `make` of each buffer that is not null.
function eachBuffer<Name extends string, From, To>(
  buffers: Readonly<Record<Name, From | null>>,
  make: (from: From) => To,
): Record<Name, To | null> {
  const entries = Object.entries<From | null>(buffers).map(([name, from]) => [name, from === null ? null : make(from)])
  return Object.fromEntries(entries) as Record<Name, To | null>
}

function bufferLike(storage: Storage, value: number): Storage {
  if (storage instanceof CpuStorage) return persistent(storage.dtype, storage.length, value)
  const buffer = backendOf(storage, transfers).fill(storage.length, value, storage.dtype)
  keepBeyondScope(buffer as Storage & Releasable)
  return buffer
}

function requireSameKind<Name extends string>(name: string, parameter: Storage, buffers: Buffers<Name>): void {
  const differs = (here: string, there: string, remedy: string) =>
    `step: parameter "${name}" is ${here}, the optimizer's state for it ${there}; ${remedy} the network first, then make the optimizer`
  for (const buffer of Object.values<Storage | null>(buffers)) {
    if (buffer === null) continue
    const { device, dtype } = buffer
    if (device !== parameter.device)
      throw new DeviceError(differs(`on the ${parameter.device}`, `on the ${device}`, 'move'))
    if (dtype !== parameter.dtype) throw new DTypeError(differs(parameter.dtype, dtype, 'cast'))
  }
}
