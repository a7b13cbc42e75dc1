// A labelled set as it grows: states are taken from pools, each at most once, and the teacher is asked once about each.

import { ValueError } from '../../tensor/errors.ts'
import { type LabelKind, type LabelledSet, labelKinds, type Provenance } from '../labelled-set.ts'
import type { Labels, Teacher } from '../teacher.ts'
import type { Pool } from './pool.ts'

export class SetBuilder {
  size = 0
  environmentSteps = 0
  private readonly seen = new Set<string>()
  private readonly observations: Float32Array
  private readonly actions: number[] = []
  private readonly returns: number[] = []
  private readonly labels: Labels[] = []
  private labelled = 0

  constructor(
    private readonly teacher: Teacher,
    private readonly envId: string,
    capacity: number,
  ) {
    this.observations = new Float32Array(capacity * teacher.agent.observationSize)
  }

  /** The first `count` places of `order` whose states are new, each state once; fewer if there are no more. */
  unseen(pool: Pool, order: Int32Array, count: number): Int32Array {
    const found: number[] = []
    const here = new Set<string>()
    for (let i = 0; i < order.length && found.length < count; i++) {
      const key = keyOf(pool, order[i]!)
      if (this.seen.has(key) || here.has(key)) continue
      here.add(key)
      found.push(order[i]!)
    }
    return Int32Array.from(found)
  }

  /** Takes up to `count` new states in this order, and returns how many there were. */
  take(pool: Pool, order: Int32Array, count: number): number {
    const { observationSize } = pool
    const places = this.unseen(pool, order, count)
    for (const place of places) {
      this.seen.add(keyOf(pool, place))
      this.observations.set(stateAt(pool, place), this.size++ * observationSize)
      if (pool.actions.length > 0) {
        this.actions.push(pool.actions[place]!)
        this.returns.push(pool.returns[place]!)
      }
    }
    return places.length
  }

  /** `take`, or a ValueError if there are too few. */
  takeAll(pool: Pool, order: Int32Array, count: number): void {
    const taken = this.take(pool, order, count)
    if (taken < count) {
      throw new ValueError(
        `collect: only ${taken} different states in ${order.length} steps of play; ${count} were asked for. ` +
          'A larger pool or more random actions may find more',
      )
    }
  }

  /** Asks the teacher about every state that is new since the last time. */
  label(): void {
    const { observationSize } = this.teacher.agent
    const count = this.size - this.labelled
    if (count === 0) return
    const start = this.labelled * observationSize
    this.labels.push(this.teacher.label(this.observations.subarray(start, this.size * observationSize), count))
    this.labelled = this.size
  }

  /** What has been labelled so far. */
  build(provenance: Provenance): LabelledSet {
    const { agent } = this.teacher
    const labels = Object.fromEntries(labelKinds.filter(this.gave).map((kind) => [kind, this.joined(kind)]))
    return {
      envId: this.envId,
      observationSize: agent.observationSize,
      actionCount: agent.actionCount,
      size: this.size,
      observations: this.observations.slice(0, this.size * agent.observationSize),
      actions: Int32Array.from(this.actions),
      returns: Float32Array.from(this.returns),
      ...labels,
      provenance,
      labels: this.labelled,
      environmentSteps: this.environmentSteps,
    }
  }

  private readonly gave = (kind: LabelKind): boolean => this.labels[0]?.[kind] !== undefined

  private joined(kind: LabelKind): Float32Array {
    const parts = this.labels.map((each) => each[kind]!)
    const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

/** One state of a pool: [observationSize]. */
export function stateAt({ observations, observationSize }: Pool, place: number): Float32Array {
  return observations.subarray(place * observationSize, (place + 1) * observationSize)
}

/** How many states of a pool differ from each other. */
export function differentStates(pool: Pool): number {
  return new Set(Array.from({ length: pool.size }, (_, place) => keyOf(pool, place))).size
}

function keyOf(pool: Pool, place: number): string {
  return stateAt(pool, place).join()
}
