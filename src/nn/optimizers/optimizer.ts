// What all optimizers share: parameter groups, the step, `minimize`, and a state that can be saved and put back. Each
// optimizer adds its settings, its buffers and its one update call. Read next: sgd.ts, then adam.ts.

import { CheckpointError, DivergenceError, excerpt, ValueError } from '../../tensor/errors.ts'
import { scope } from '../../tensor/scope.ts'
import { CpuStorage, type Storage, type TypedArray } from '../../tensor/storage.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { clipGradNorm, clipGradNormOnDevice } from '../clip-grad.ts'
import { namedParameters, type ParameterSource } from '../module.ts'
import { type Scheduled, valueAt } from '../schedules.ts'
import { ParameterGroup, type Slot } from './parameter-group.ts'

/** Settings that every optimizer has. */
export interface CommonSettings {
  /** A number, or a schedule of the optimizer's own steps. */
  learningRate: Scheduled
  /** Pulls parameters towards 0. */
  weightDecay: number
}

/** Parameters with settings of their own; what is not given here is as in the optimizer's options. */
export type GroupOptions<Settings> = { readonly parameters: ParameterSource } & Partial<Settings>

/** One source, or several groups. */
export type OptimizerSource<Settings> = ParameterSource | readonly GroupOptions<Settings>[]

export interface MinimizeOptions {
  /** The largest norm of all gradients together; larger ones are scaled down. */
  readonly maxGradNorm?: number
}

/** All that an optimizer needs to go on as if nothing had happened. All but `tensors` can travel as JSON. */
export interface OptimizerState {
  readonly optimizer: string
  readonly steps: number
  readonly groups: readonly {
    /** Without a learning rate that follows a schedule, which the constructor gives again. */
    readonly settings: Readonly<Record<string, number | boolean>>
    /** The updates each parameter has had. */
    readonly steps: readonly number[]
  }[]
  /** `group.buffer.parameter`, such as `0.first.2.weight`, to the buffer's numbers. */
  readonly tensors: Readonly<Record<string, TypedArray>>
}

export abstract class Optimizer<Settings extends CommonSettings, Name extends string = string> {
  /** As it stands in saved states. */
  abstract readonly name: string
  readonly groups: readonly ParameterGroup<Settings, Name>[]
  /** Every parameter of every group. */
  readonly parameters: readonly Tensor[]
  /** How often `step` was called. */
  steps = 0

  /** @throws ValueError if there is nothing to learn, or a parameter is in two groups. */
  constructor(source: OptimizerSource<Settings>, settings: Settings) {
    this.groups = groupsOf(source).map(({ parameters, ...own }) => {
      const merged = { ...settings, ...own } as unknown as Settings
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

  /** What each buffer starts from; null for one that these settings do not need. */
  protected abstract initialBuffers(settings: Settings): Readonly<Record<Name, number | null>>
  /** One update call. `learningRate` is this step's. */
  protected abstract update(slot: Slot<Name>, settings: Settings, learningRate: number): void

  /** Throws a ValueError on settings that are out of range. */
  protected check({ learningRate, weightDecay }: Settings): void {
    if (typeof learningRate === 'number') requireAtLeast('learningRate', learningRate, 0)
    requireAtLeast('weightDecay', weightDecay, 0)
  }

  /** The learning rate of the next step in the first group. Setting it sets it in all groups, in place of any schedule. */
  get learningRate(): number {
    return valueAt(this.groups[0]!.settings.learningRate, this.steps)
  }

  set learningRate(rate: number) {
    requireAtLeast('learningRate', rate, 0)
    for (const group of this.groups) group.settings.learningRate = rate
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = null
  }

  /** Moves every parameter that has a gradient. */
  step(): void {
    for (const group of this.groups) {
      const rate = valueAt(group.settings.learningRate, this.steps)
      group.update((slot) => this.update(slot, group.settings, rate))
    }
    this.steps++
  }

  /**
   * One training step: computes the loss, its gradients, clips them if asked to, moves the parameters, and forgets the
   * gradients. Temporaries live in a scope of its own. Returns the loss before the step. A loss (or a gradient norm) that is
   * NaN or infinite throws a DivergenceError and leaves the parameters as they were.
   */
  minimize(loss: () => Tensor, { maxGradNorm }: MinimizeOptions = {}): number {
    return scope(() => {
      this.zeroGrad() // another loss may have left gradients here on its way through
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
   * `minimize` for tensors on a GPU, where the loss can only be read later: promises the loss before the step. A loss that is
   * NaN or infinite rejects with a DivergenceError, but the parameters have moved by then. The work of several calls may be
   * under way at once, so a loop need not await each.
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

  /** A copy of everything that changes in a step, parameters apart. */
  saveState(): OptimizerState {
    const tensors: Record<string, TypedArray> = {}
    for (const [key, buffer] of this.buffers()) tensors[key] = viewOf(buffer).slice()
    const groups = this.groups.map(({ settings, places }) => ({
      settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value !== 'function')),
      steps: places.map((place) => place.step),
    }))
    return { optimizer: this.name, steps: this.steps, groups, tensors }
  }

  /** Puts a saved state back. Throws a CheckpointError, and changes nothing, if it is of another optimizer or network. */
  loadState(state: OptimizerState): void {
    const misfit = (what: string) => new CheckpointError(`the saved state does not fit this optimizer: ${what}`)
    if (state.optimizer !== this.name) throw misfit(`it is of "${state.optimizer}", this is "${this.name}"`)
    const counts = (groups: readonly { steps: readonly number[] }[]) =>
      groups.map(({ steps }) => steps.length).join(' + ')
    const own = this.groups.map(({ places }) => ({ steps: places.map(({ step }) => step) }))
    if (counts(state.groups) !== counts(own)) {
      throw misfit(`it has groups of ${counts(state.groups)} parameters, this has ${counts(own)}`)
    }
    const buffers = [...this.buffers()]
    for (const [key, { length }] of buffers) {
      const given = state.tensors[key]?.length
      if (given !== length) throw misfit(`"${key}" has ${given ?? 'no'} numbers there and ${length} here`)
    }
    const isCount = (count: unknown) => Number.isSafeInteger(count) && Number(count) >= 0
    if (![state.steps, ...state.groups.flatMap(({ steps }) => steps)].every(isCount))
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

/** Throws a ValueError unless `value` is a finite number, at least `low` and, if given, below `limit`. */
export function requireAtLeast(name: string, value: number, low: number, limit = Infinity): void {
  if (value >= low && value < limit) return
  const range = limit === Infinity ? `a finite number, at least ${low}` : `at least ${low} and below ${limit}`
  throw new ValueError(`optimizer: ${name} is ${value}; it must be ${range}`)
}

function groupsOf<Settings>(source: OptimizerSource<Settings>): readonly GroupOptions<Settings>[] {
  const isGroup = (each: unknown) => each !== null && typeof each === 'object' && 'parameters' in each
  if (Array.isArray(source) && source.length > 0 && source.every(isGroup)) {
    return source as readonly GroupOptions<Settings>[]
  }
  return [{ parameters: source as ParameterSource } as GroupOptions<Settings>]
}

// A tied parameter is listed under two names and still learns once.
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
