// Whoever knows: something that can be asked about states. A teacher is frozen: it is only ever evaluated without
// recording, so no gradient reaches it. Each state it is asked to label is counted. Read next: teachers/ for what can teach.

import type { DiscretePolicy, PolicyOutputs } from '../rl/policy.ts'
import { Box, Discrete } from '../rl/spaces.ts'
import type { Envs } from '../rl/vector/as-vector.ts'
import { noGrad } from '../tensor/autograd.ts'
import { formatShape, ShapeError, ValueError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import { amax } from '../tensor/ops/reduce.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type LabelKind, labelKinds } from './labelled-set.ts'

/** What the teacher said about `count` states, one after the other. */
export type Labels = Partial<Record<LabelKind, Float32Array>>

export class Teacher {
  private asked = 0

  /**
   * @param agent what it knows with
   * @param name how it is called in provenance and tables
   * @param limit the most states it may be asked about; asking for more throws a ValueError
   */
  constructor(
    readonly agent: DiscretePolicy,
    readonly name: string,
    readonly limit = Infinity,
  ) {}

  /** States labelled so far. */
  get labels(): number {
    return this.asked
  }

  /** What it can say about a state. */
  get kinds(): readonly LabelKind[] {
    return labelKinds.filter((kind) => this.agent[kind] !== undefined || (kind === 'stateValues' && this.hasMaximum))
  }

  private get hasMaximum(): boolean {
    return this.agent.actionValues !== undefined
  }

  /** Everything the agent knows about `count` states. A teacher of action values has V = max Q as well. */
  label(observations: Float32Array, count: number): Labels {
    const { observationSize } = this.agent
    if (observations.length !== count * observationSize) {
      throw new ShapeError(
        `label: ${observations.length} numbers for ${count} states; the teacher "${this.name}" takes ${observationSize} a state`,
      )
    }
    if (this.asked + count > this.limit) {
      throw new ValueError(
        `label: ${count} more states after ${this.asked}; the teacher "${this.name}" may label ${this.limit} in all`,
      )
    }
    this.asked += count
    return labelsBy(this.agent, observations, count)
  }
}

/** Everything that an agent, or a value function, says about `count` states, which nobody counts. */
export function labelsBy(
  agent: PolicyOutputs & Pick<DiscretePolicy, 'observationSize'>,
  observations: Float32Array,
  count: number,
): Labels {
  return scope(() =>
    noGrad(() => {
      const batch = tensor(observations, [count, agent.observationSize])
      const labels: Labels = {}
      const actionValues = agent.actionValues?.(batch)
      if (agent.logits !== undefined) labels.logits = floats(agent.logits(batch))
      if (actionValues !== undefined) labels.actionValues = floats(actionValues)
      if (agent.stateValues !== undefined) labels.stateValues = floats(agent.stateValues(batch))
      else if (actionValues !== undefined) labels.stateValues = floats(amax(actionValues, 1))
      return labels
    }),
  )
}

function floats(x: Tensor): Float32Array {
  return Float32Array.from(x.view())
}

/** Throws a ValueError unless the teacher can choose actions. */
export function requirePlayer({ agent, name, kinds }: Teacher): void {
  if (agent.logits !== undefined || agent.actionValues !== undefined) return
  throw new ValueError(
    `collect: the teacher "${name}" gives ${kinds.join(', ') || 'nothing'}, so it cannot choose actions to play; collect ` +
      'with mode "random", or give a pool',
  )
}

/** Throws a ShapeError, with both sides in words, unless the teacher observes and acts as the environment does. */
export function requireSameSpaces(op: string, { agent, name }: Teacher, envs: Envs): void {
  const { id, actionSpace, observationSpace } = envs
  if (!(actionSpace instanceof Discrete) || actionSpace.n !== agent.actionCount) {
    throw new ShapeError(`${op}: the teacher "${name}" has ${agent.actionCount} actions, ${id} has ${actionSpace}`)
  }
  if (!(observationSpace instanceof Box) || observationSpace.low.length !== agent.observationSize) {
    const shown = observationSpace instanceof Box ? formatShape(observationSpace.shape) : String(observationSpace)
    throw new ShapeError(`${op}: the teacher "${name}" observes ${agent.observationSize} numbers, ${id} shows ${shown}`)
  }
}
