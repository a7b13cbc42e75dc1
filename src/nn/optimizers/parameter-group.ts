// Parameters that one set of settings updates, with the buffers an optimizer keeps for them (velocities, moments). Values,
// gradients and each buffer lie in one block, so that a step is one call. Read next: optimizer.ts.
//
// The one call needs every parameter to be in its place, with a gradient, and as many updates behind it as the others.
// Otherwise (a parameter that got no gradient in this pass, float64, a GPU, a network that another optimizer moved) each
// parameter that has a gradient gets a call of its own, with the same result.

import { keepBeyondScope, type Releasable } from '../../tensor/arena.ts'
import { transfers } from '../../tensor/backends/families.ts'
import { backendOf } from '../../tensor/backends/select.ts'
import { DeviceError, DTypeError } from '../../tensor/errors.ts'
import { CpuStorage, type Storage } from '../../tensor/storage.ts'
import { requireLive, type Tensor } from '../../tensor/tensor.ts'
import { flattenGradients, parametersToVector, persistent, slicesOf } from '../flat.ts'

/** The buffers of an optimizer by name; null where the settings need none. */
export type Buffers<Name extends string> = Readonly<Record<Name, Storage | null>>

/** What one update call works on: a whole group, or one parameter of it. */
export interface Slot<Name extends string> {
  readonly parameter: Storage
  readonly gradient: Storage
  readonly buffers: Buffers<Name>
  /** How many updates came before this one. */
  readonly step: number
}

interface Place<Name extends string> {
  /** Where the flat block has this parameter and its gradient; null outside of a block. */
  readonly home: Storage | null
  readonly gradientHome: Storage | null
  readonly buffers: Buffers<Name>
  step: number
}

interface Whole<Name extends string> {
  readonly parameter: CpuStorage
  readonly gradient: Storage
  readonly buffers: Buffers<Name>
}

export class ParameterGroup<Settings, Name extends string> {
  readonly parameters: readonly Tensor[]
  /** Beside each parameter. */
  readonly places: readonly Place<Name>[]
  private readonly whole: Whole<Name> | null = null

  /** @param initial what each buffer starts from; null for one that is not needed. */
  constructor(
    readonly names: readonly string[],
    parameters: readonly Tensor[],
    /** May be changed between steps; what a buffer was made for must not. */
    readonly settings: Settings,
    initial: Readonly<Record<Name, number | null>>,
  ) {
    this.parameters = parameters
    const values = parametersToVector(parameters)
    if (values === null) {
      this.places = parameters.map((tensor) => {
        const { storage } = tensor
        tensor.gradHome ??= bufferLike(storage, 0) // gradients of every pass go there, so that a GPU's memory is not filled
        const buffers = eachBuffer(initial, (value) => (value === null ? null : bufferLike(storage, value)))
        return { home: null, gradientHome: null, buffers, step: 0 }
      })
      return
    }
    const gradients = flattenGradients(parameters)
    const wholes = eachBuffer(initial, (value) => (value === null ? null : persistent('float32', values.length, value)))
    const slices = eachBuffer(wholes, (whole) => (whole === null ? null : slicesOf(whole, parameters)))
    this.places = parameters.map((tensor, i) => ({
      home: tensor.storage,
      gradientHome: tensor.gradHome,
      buffers: eachBuffer(slices, (all) => (all === null ? null : all[i]!)),
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

function eachBuffer<Name extends string, From, To>(
  buffers: Readonly<Record<Name, From>>,
  make: (from: From, name: Name) => To,
): Record<Name, To> {
  const entries = Object.entries<From>(buffers).map(([name, from]) => [name, make(from, name as Name)])
  return Object.fromEntries(entries) as Record<Name, To>
}

function bufferLike(storage: Storage, value: number): Storage {
  if (storage instanceof CpuStorage) return persistent(storage.dtype, storage.length, value)
  const buffer = backendOf(storage, transfers).fill(storage.length, value, storage.dtype)
  keepBeyondScope(buffer as Storage & Releasable)
  return buffer
}

function requireSameKind<Name extends string>(name: string, parameter: Storage, buffers: Buffers<Name>): void {
  for (const buffer of Object.values<Storage | null>(buffers)) {
    if (buffer === null) continue
    if (buffer.device !== parameter.device) {
      throw new DeviceError(
        `step: parameter "${name}" is on the ${parameter.device}, the optimizer's state for it on the ${buffer.device}; ` +
          'move the network first, then make the optimizer',
      )
    }
    if (buffer.dtype !== parameter.dtype) {
      throw new DTypeError(
        `step: parameter "${name}" is ${parameter.dtype}, the optimizer's state for it ${buffer.dtype}; ` +
          'cast the network first, then make the optimizer',
      )
    }
  }
}
