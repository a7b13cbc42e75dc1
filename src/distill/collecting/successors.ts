// Labels for students that act by a look-ahead: the teacher values two successors of each state. The environment that is played
// is also the model, so its state is saved in each state that is met. Read next: ../targets/state-values.ts.

import { gathered } from '../../data/columns.ts'
import { Discrete } from '../../data/spaces.ts'
import { fitStandardizer, standardize } from '../../nn/layers/standardize.ts'
import type { Env } from '../../rl/envs/env.ts'
import type { EnvLike } from '../../rl/envs/vector/sync-vector-env.ts'
import { VectorEnv } from '../../rl/envs/vector/vector-env.ts'
import { restoreEnv, type SavedEnv, StepWrapper, saveEnv } from '../../rl/envs/wrappers/wrapper.ts'
import { Lookahead, type StateValued } from '../../rl/policies/lookahead.ts'
import type { Player, TeachingPolicy } from '../../rl/policies/policy.ts'
import { ValueError } from '../../tensor/errors.ts'
import { zeros } from '../../tensor/ops/create.ts'
import { type Labels, SUCCESSORS, successorColumns } from '../dataset/dataset.ts'
import type { CostRecord } from '../dataset/provenance.ts'
import type { Teacher } from '../teachers/teacher.ts'

/** Plays by look-ahead and labels the successors of the states that were played, in the environment itself. */
export class SuccessorModel {
  /** The environment to play in. */
  readonly env: Env
  /** What it labels. */
  readonly kinds = successorColumns
  private readonly saved = new Map<string, SavedEnv>()
  private readonly model: Env
  private readonly expander: Lookahead

  /**
   * Throws a ValueError on several environments, continuous actions, a teacher without state values, and where the
   * states are not played in `env`.
   */
  constructor(
    env: EnvLike,
    private readonly teacher: Teacher,
    private readonly o: { readonly gamma: number; readonly selection: string; readonly jacobians: boolean },
    isPlayed: boolean,
    private readonly cost: CostRecord,
  ) {
    const refuse = (isWrong: boolean, what: string) => {
      if (isWrong) throw new ValueError(`value-successors: ${what}`)
    }
    refuse(
      env instanceof VectorEnv,
      `${env.id} is a vector environment, whose states cannot be restored; give one environment`,
    )
    refuse(
      !(env.actionSpace instanceof Discrete && env.actionSpace.n >= SUCCESSORS),
      `a look-ahead compares discrete actions; ${env.id} has ${env.actionSpace}`,
    )
    const { kinds, name } = teacher
    refuse(
      !kinds.includes('stateValues'),
      `teacher "${name}" gives ${kinds.join(', ') || 'nothing'}; expected state values or action values`,
    )
    refuse(
      !isPlayed || o.selection === 'box',
      'the states must be played here, to find their successors; use another selection than box, and no rollout',
    )
    refuse(o.jacobians, 'jacobians are derivatives of labels of the states themselves; leave them out')
    this.model = env as Env
    this.env = new StateRecorder(this.model, this.saved)
    this.expander = this.lookahead(() => zeros([0]))
  }

  /** Values the two successors of each state that lie farthest apart. */
  label(observations: Float32Array, count: number): Labels {
    const width = this.teacher.agent.observationSize
    const { numActions } = this.expander.values
    const all = new Float32Array(count * numActions * width)
    const [rewards, discounts] = [new Float32Array(count * numActions), new Float32Array(count * numActions)]
    for (let i = 0; i < count; i++) {
      restoreEnv(this.model, this.saved.get(observations.subarray(i * width, (i + 1) * width).join())!)
      const found = this.expander.successors(this.model)
      all.set(found.observations, i * numActions * width)
      rewards.set(found.rewards, i * numActions)
      discounts.set(found.discounts, i * numActions)
    }
    this.cost.addSteps(count * numActions)
    const rows = farthestPairs(all, count, numActions, width)
    const successors = gathered(all, rows, width)
    return {
      successors,
      successorRewards: gathered(rewards, rows, 1),
      successorDiscounts: gathered(discounts, rows, 1),
      successorValues: this.teacher.label(successors, rows.length).stateValues!,
    }
  }

  /** Plays by a look-ahead of one step. */
  player(student: TeachingPolicy): Player {
    const planner = this.lookahead((x) => student.stateValues!(x))
    return {
      actBatch: () => {
        const before = saveEnv(this.model)
        const action = planner.plan(this.model)
        restoreEnv(this.model, before)
        this.cost.addSteps(planner.values.numActions)
        return Int32Array.of(action)
      },
    }
  }

  private lookahead(stateValues: StateValued['stateValues']): Lookahead {
    const { observationSize } = this.teacher.agent
    const { n: numActions } = this.model.actionSpace as Discrete
    return new Lookahead({ observationSize, numActions, stateValues }, this.model, { gamma: this.o.gamma })
  }
}

/** Saves the environment in each state in which an action is taken. */
class StateRecorder extends StepWrapper<Float32Array, number> {
  constructor(
    env: Env,
    private readonly states: Map<string, SavedEnv>,
  ) {
    super(env)
  }

  override reset(options?: Parameters<Env['reset']>[0]) {
    const start = this.env.reset(options)
    this.states.set(start.observation.join(), saveEnv(this.env))
    return start
  }

  step(action: number) {
    const step = this.env.step(action)
    if (!step.terminated && !step.truncated) this.states.set(step.observation.join(), saveEnv(this.env))
    return step
  }
}

// For each state the rows of the two successors that are farthest apart in standardized distance; of equals the first.
function farthestPairs(successors: Float32Array, count: number, numActions: number, width: number): Int32Array {
  const observation = (row: number) => successors.subarray(row * width, (row + 1) * width)
  const scaled = standardize(successors, fitStandardizer(observation, count * numActions, width))
  const pairs = new Int32Array(SUCCESSORS * count)
  for (let i = 0; i < count; i++) {
    let farthest = -1
    for (let a = i * numActions; a < (i + 1) * numActions; a++) {
      for (let b = a + 1; b < (i + 1) * numActions; b++) {
        let distance = 0
        for (let j = 0; j < width; j++) distance += (scaled[a * width + j]! - scaled[b * width + j]!) ** 2
        if (distance <= farthest) continue
        farthest = distance
        pairs.set([a, b], SUCCESSORS * i)
      }
    }
  }
  return pairs
}
