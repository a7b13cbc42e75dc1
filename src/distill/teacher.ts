// Whoever knows: something that can be asked about states. A teacher is frozen: it is only ever evaluated without
// recording, so no gradient reaches it. Each state it is asked to label is counted.

import type { NetworkAgent } from '../rl/agent.ts'
import { noGrad } from '../tensor/autograd.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import { amax } from '../tensor/ops/reduce.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { LabelKind } from './labelled-set.ts'

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
    readonly agent: NetworkAgent,
    readonly name: string,
    readonly limit = Infinity,
  ) {}

  /** States labelled so far. */
  get labels(): number {
    return this.asked
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
    return scope(() =>
      noGrad(() => {
        const batch = tensor(observations, [count, observationSize])
        const labels: Labels = {}
        const { agent } = this
        const actionValues = agent.actionValues?.(batch)
        if (agent.logits !== undefined) labels.logits = floats(agent.logits(batch))
        if (actionValues !== undefined) labels.actionValues = floats(actionValues)
        if (agent.stateValues !== undefined) labels.stateValues = floats(agent.stateValues(batch))
        else if (actionValues !== undefined) labels.stateValues = floats(amax(actionValues, 1))
        return labels
      }),
    )
  }
}

function floats(x: Tensor): Float32Array {
  return Float32Array.from(x.view())
}
