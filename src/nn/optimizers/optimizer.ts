// The base class of all optimizers: parameter groups, the step, `minimize`, and a state that can be saved and loaded. Each
// optimizer adds its settings, its buffers and one update call. Read next: sgd.ts, then adam.ts.

import { scope } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import {
  CheckpointError,
  DeviceError,
  DivergenceError,
  excerpt,
  requireKnown,
  requireMethods,
  ValueError,
} from '../../tensor/errors.ts'
import { isCount } from '../../tensor/json.ts'
import { CpuStorage, type Storage, type TypedArray } from '../../tensor/storage.ts'
import { namedParameters, type ParameterSource } from '../module.ts'
import { clipGradNorm, clipGradNormOnDevice } from './clip-grad.ts'
import { ParameterGroup, type Slot } from './parameter-group.ts'
import { type Scheduled, valueAt } from './schedules.ts'

export interface CommonSettings {
  /** A number, or a schedule of the optimizer's step count. */
  learningRate: Scheduled
  /** L2 penalty: weightDecay · p is added to the gradient. */
  weightDecay: number
}

/** Parameters with settings of their own; the others are the optimizer's options. */
export type GroupOptions<Settings> = { readonly parameters: ParameterSource } & Partial<Settings>

export type OptimizerSource<Settings> = ParameterSource | readonly GroupOptions<Settings>[]

export interface MinimizeOptions {
  /** Largest norm of all gradients together; larger ones are scaled down. Default: no limit. */
  readonly maxGradNorm?: number
}

/** The state of an optimizer, to resume from with the same bits. All but `tensors` is plain JSON. */
export interface OptimizerState {
  readonly optimizer: string
  readonly steps: number
  readonly groups: readonly {
    /** Without a scheduled learning rate, which the constructor sets again. */
    readonly settings: Readonly<Record<string, number | boolean>>
    /** Updates of each parameter so far. */
    readonly steps: readonly number[]
  }[]
  /** Buffers by `group.buffer.parameter`, such as `0.first.2.weight`. */
  readonly tensors: Readonly<Record<string, TypedArray>>
}

export abstract class Optimizer<Settings extends CommonSettings, Name extends string = string> {
  /** In saved states. */
  abstract readonly name: string
  readonly groups: readonly ParameterGroup<Settings, Name>[]
  /** Every parameter of every group. */
  readonly parameters: readonly Tensor[]
  /** Calls of `step` so far. */
  steps = 0

  /**
   * @param defaults values of all settings; `options` change some
   * @param limits settings that must be at least 0 and below the number given
   *
   * Throws a ValueError on settings out of range, on no parameters and on a parameter in two groups.
   */
  constructor(
    source: OptimizerSource<Settings>,
    defaults: Settings,
    options: Partial<Settings>,
    private readonly limits: Partial<Record<keyof Settings, number>>,
  ) {
    const known = Object.keys(defaults)
    requireKnown('optimizer', options, known)
    this.groups = groupsOf(source).map(({ parameters, ...own }) => {
      requireKnown('optimizer: a group', own, known)
      const merged = { ...defaults, ...options, ...own } as unknown as Settings
      this.check(merged)
      const entries = distinct(Object.entries(namedParameters(parameters)))
      return new ParameterGroup<Settings, Name>(
        entries.map(([name]) => name),
        entries.map(([, tensor]) => tensor),
        merged,
        this.initialBuffers(merged),
      )
    })
    this.parameters = this.groups.flatMap((group) => group.parameters)
    requireLeaves(this.parameters)
  }

  /** Initial value of each buffer; null for one that these settings do not need. */
  protected abstract initialBuffers(settings: Settings): Readonly<Record<Name, number | null>>
  /** One update call, with the learning rate of this step: by a backend's kernel, or by a loop over `arrays(slot)`. */
  protected abstract update(slot: Slot<Name>, settings: Settings, learningRate: number): void

  /**
   * The elements of a slot, to read and to write; empty for a buffer that these settings do not need. Valid within one `update`.
   * The arrays end in zeros between parameters, which an update must keep finite. Throws a DeviceError on a GPU.
   */
  protected arrays({ parameter, gradient, buffers }: Slot<Name>): Record<'parameter' | 'gradient' | Name, TypedArray> {
    const entries = Object.entries<Storage | null>({ ...buffers, parameter, gradient }).map(([name, storage]) => {
      if (storage === null) return [name, new Float32Array()]
      if (storage instanceof CpuStorage) return [name, storage.view()]
      throw new DeviceError(
        `${this.name}: the parameters are on a GPU; its update loops over arrays on the CPU. Move the network to the CPU first`,
      )
    })
    return Object.fromEntries(entries) as Record<'parameter' | 'gradient' | Name, TypedArray>
  }

  private check(settings: Settings): void {
    if (typeof settings.learningRate === 'number') requireBelow('learningRate', settings.learningRate)
    for (const [name, limit] of Object.entries<number>({ weightDecay: Infinity, ...this.limits })) {
      requireBelow(name, settings[name as keyof Settings] as number, limit)
    }
  }

  /** The learning rate of the next step in the first group. Setting it sets it in all groups, in place of any schedule. */
  get learningRate(): number {
    return valueAt(this.groups[0]!.settings.learningRate, this.steps)
  }

  set learningRate(rate: number) {
    requireBelow('learningRate', rate)
    for (const group of this.groups) group.settings.learningRate = rate
  }

  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = null
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    for (const group of this.groups) {
      const rate = valueAt(group.settings.learningRate, this.steps)
      group.update((slot) => this.update(slot, group.settings, rate))
    }
    this.steps++
  }

  /**
   * One training step in a scope of its own: computes the loss and its gradients, clips them, updates the parameters and drops
   * the gradients. Returns the loss before the step. Throws a DivergenceError, before the update, on a loss or gradient norm
   * that is not finite.
   */
  minimize(loss: () => Tensor, { maxGradNorm }: MinimizeOptions = {}): number {
    requireMethods('minimize: the loss', loss, ['call'], 'a function that computes it: minimize(() => loss)')
    return scope(() => {
      this.zeroGrad() // another loss may have left gradients here
      try {
        const tensor = loss()
        const value = tensor.item()
        this.requireFinite('loss', value)
        tensor.backward()
        if (maxGradNorm !== undefined) this.requireFinite('gradient norm', clipGradNorm(this.parameters, maxGradNorm))
        this.step()
        return value
      } finally {
        this.zeroGrad()
      }
    })
  }

  /**
   * `minimize` for tensors on a GPU, where the loss is read asynchronously: promises the loss before the step. Rejects with a
   * DivergenceError, after the update, on a loss that is not finite. Calls may overlap, so a loop need not await each.
   */
  async minimizeAsync(loss: () => Tensor, { maxGradNorm }: MinimizeOptions = {}): Promise<number> {
    const { steps } = this
    let reading!: Promise<TypedArray>
    scope(() => {
      this.zeroGrad()
      try {
        const tensor = loss()
        reading = tensor.data() // the reading begins before the scope ends
        tensor.backward()
        if (maxGradNorm !== undefined) clipGradNormOnDevice(this.parameters, maxGradNorm)
        this.step()
      } finally {
        this.zeroGrad()
      }
    })
    const value = (await reading)[0]!
    if (!Number.isFinite(value)) throw diverged('loss', steps, value, 'the parameters have moved since')
    return value
  }

  /** A copy of everything that a step changes but the parameters. */
  saveState(): OptimizerState {
    const tensors: Record<string, TypedArray> = {}
    for (const [key, buffer] of this.buffers()) tensors[key] = viewOf(buffer).slice()
    const groups = this.groups.map(({ settings, places }) => ({
      settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value !== 'function')),
      steps: places.map((place) => place.step),
    }))
    return { optimizer: this.name, steps: this.steps, groups, tensors }
  }

  /** Restores a saved state. Throws a CheckpointError, before any change, if it is of another optimizer or network. */
  loadState(state: OptimizerState): void {
    const misfit = (what: string) => new CheckpointError(`the saved state does not fit this optimizer: ${what}`)
    if (state.optimizer !== this.name) throw misfit(`it is of "${state.optimizer}", this is "${this.name}"`)
    const there = state.groups.map(({ steps }) => steps.length).join(' + ')
    const here = this.groups.map(({ places }) => places.length).join(' + ')
    if (there !== here) throw misfit(`it has groups of ${there} parameters, this has ${here}`)
    const buffers = [...this.buffers()]
    for (const [key, { length }] of buffers) {
      const given = state.tensors[key]?.length
      if (given !== length) throw misfit(`"${key}" has ${given ?? 'no'} numbers there and ${length} here`)
    }
    if (![state.steps, ...state.groups.flatMap(({ steps }) => steps)].every((each) => isCount(each)))
      throw misfit('its steps are no counts')
    for (const [key] of buffers) {
      if (!state.tensors[key]!.every(Number.isFinite)) throw misfit(`"${key}" holds numbers that are not finite`)
    }
    state.groups.forEach(({ settings }, g) => {
      const own = { ...this.groups[g]!.settings } as unknown as Record<string, unknown>
      for (const [name, value] of Object.entries(settings)) {
        const isScheduled = typeof own[name] === 'function' && typeof value === 'number'
        if (!isScheduled && typeof value !== typeof own[name])
          throw misfit(`its setting ${excerpt(name)} is ${excerpt(value)}`)
      }
      this.check({ ...own, ...settings } as unknown as Settings)
    })
    for (const [key, buffer] of buffers) viewOf(buffer).set(state.tensors[key]!)
    this.groups.forEach((group, g) => {
      const { settings, steps } = state.groups[g]!
      Object.assign(group.settings, settings)
      group.places.forEach((place, i) => {
        place.step = steps[i]!
      })
    })
    this.steps = state.steps
  }

  private *buffers(): Generator<[key: string, buffer: Storage]> {
    for (const [g, { names, places }] of this.groups.entries()) {
      for (const [i, { buffers }] of places.entries()) {
        for (const [buffer, storage] of Object.entries<Storage | null>(buffers)) {
          if (storage !== null) yield [`${g}.${buffer}.${names[i]}`, storage]
        }
      }
    }
  }

  private requireFinite(what: string, value: number): void {
    if (!Number.isFinite(value)) throw diverged(what, this.steps, value, 'the parameters are as they were before it')
  }
}

function diverged(what: string, step: number, value: number, consequence: string): DivergenceError {
  return new DivergenceError(
    `the ${what} of step ${step} is ${value}; ${consequence}. ` +
      'Lower the learning rate, set maxGradNorm, or look for bad numbers in the batch',
  )
}

function requireBelow(name: string, value: number, limit = Infinity): void {
  if (value >= 0 && value < limit) return
  const range = limit === Infinity ? 'a finite number, at least 0' : `at least 0 and below ${limit}`
  throw new ValueError(`optimizer: ${name} is ${value}; expected ${range}`)
}

function groupsOf<Settings>(source: OptimizerSource<Settings>): readonly GroupOptions<Settings>[] {
  const isGroup = (each: unknown) => each !== null && typeof each === 'object' && 'parameters' in each
  if (Array.isArray(source) && source.length > 0 && source.every(isGroup)) {
    return source as readonly GroupOptions<Settings>[]
  }
  return [{ parameters: source as ParameterSource } as GroupOptions<Settings>]
}

// A tied parameter is listed under two names and must be updated once.
function distinct(entries: [string, Tensor][]): [string, Tensor][] {
  const seen = new Set<Tensor>()
  return entries.filter(([, tensor]) => !seen.has(tensor) && seen.add(tensor))
}

function requireLeaves(parameters: readonly Tensor[]): void {
  if (parameters.length === 0) throw new ValueError('optimizer: there are no parameters to learn')
  if (new Set(parameters).size !== parameters.length) throw new ValueError('optimizer: a parameter is in two groups')
  for (const parameter of parameters) {
    if (parameter.step !== null) {
      throw new ValueError(`optimizer: ${parameter} was computed from other tensors, so it cannot be learned itself`)
    }
  }
}

function viewOf(storage: Storage): TypedArray {
  if (storage instanceof CpuStorage) return storage.view()
  throw new CheckpointError(
    'the state of an optimizer on a GPU cannot be saved or loaded; move the network to the CPU first',
  )
}
