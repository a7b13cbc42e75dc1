// Whoever knows torques and forces: a policy of SAC, which says a Gaussian, or one of TD3 or DDPG, which says an action. It is
// only ever evaluated without recording, and each state that it is asked to label is counted. Read next: collect.ts.

import { DeterministicAgent, SquashedGaussianAgent } from '../../rl/continuous-policies.ts'
import { Box } from '../../rl/spaces.ts'
import type { Envs } from '../../rl/vector/as-vector.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { scope } from '../../tensor/scope.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** What gives vectors within bounds. */
export type ControlPolicy = SquashedGaussianAgent | DeterministicAgent

/** What was said about some states, one after the other. */
export interface ControlLabels {
  /** Of a Gaussian μ, before the squashing; of a deterministic policy its action in [-1, 1]: [size, actionSize]. */
  readonly means: Float32Array
  /** ln σ of a Gaussian: [size, actionSize]. */
  readonly logStds?: Float32Array
}

export class ControlTeacher {
  private asked = 0

  /**
   * @param agent what it knows with
   * @param name how it is called in provenance
   * @param limit the most states it may be asked about; asking for more throws a ValueError
   */
  constructor(
    readonly agent: ControlPolicy,
    readonly name: string,
    readonly limit = Infinity,
  ) {}

  /** States labelled so far. */
  get labels(): number {
    return this.asked
  }

  /** What it would do in `count` states. */
  label(observations: Float32Array, count: number): ControlLabels {
    const { agent, asked, limit, name } = this
    if (observations.length !== count * agent.observationSize) {
      throw new ShapeError(
        `label: ${observations.length} numbers for ${count} states; the teacher "${name}" takes ${agent.observationSize} a state`,
      )
    }
    if (asked + count > limit) {
      throw new ValueError(
        `label: ${count} more states after ${asked}; the teacher "${name}" may label ${limit} in all`,
      )
    }
    this.asked += count
    return scope(() =>
      noGrad((): ControlLabels => {
        const batch = tensor(observations, [count, agent.observationSize])
        if (agent instanceof DeterministicAgent) return { means: floats(agent.choose(batch)) }
        const { mean, logStd } = agent.distribution(batch).gaussian
        return { means: floats(mean), logStds: floats(logStd) }
      }),
    )
  }
}

function floats(x: Tensor): Float32Array {
  return Float32Array.from(x.view())
}

/** Throws a ShapeError, with both sides in words, unless the policy observes and acts as the environment does. */
export function requireSameControls(op: string, agent: ControlPolicy, envs: Envs): void {
  const { id, actionSpace, observationSpace } = envs
  const { low, high } = agent.bounds
  const alike =
    actionSpace instanceof Box &&
    actionSpace.low.length === agent.actionSize &&
    actionSpace.low.every((each, i) => each === low[i] && actionSpace.high[i] === high[i])
  if (!alike) {
    const range = `${Array.from(low).join(', ')} … ${Array.from(high).join(', ')}`
    throw new ShapeError(
      `${op}: the teacher gives vectors of ${agent.actionSize} in ${range}, ${id} takes ${actionSpace}`,
    )
  }
  if (!(observationSpace instanceof Box) || observationSpace.low.length !== agent.observationSize) {
    throw new ShapeError(
      `${op}: the teacher observes ${agent.observationSize} numbers, ${id} shows ${observationSpace}`,
    )
  }
}

/** Throws a ValueError unless it is a policy that gives vectors, of SAC, TD3 or DDPG. */
export function requireControlPolicy(op: string, agent: unknown): ControlPolicy {
  if (agent instanceof SquashedGaussianAgent || agent instanceof DeterministicAgent) return agent
  throw new ValueError(`${op}: the teacher is no policy of sac, td3 or ddpg; for choices use distill()`)
}
