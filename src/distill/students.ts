// The students of a distillation: which network learns what in which round. Read next: distill.ts, which trains them.

import { loadParameters, saveParameters } from '../nn/checkpoint.ts'
import { MLP } from '../nn/mlp.ts'
import type { Module } from '../nn/module.ts'
import type { DiscreteAgent } from '../rl/discrete-policies.ts'
import type { GivenOptions, OptionValues } from '../rl/options.ts'
import type { Player } from '../rl/rollout.ts'
import { Discrete, flatSize } from '../rl/spaces.ts'
import { finish } from '../rl/training.ts'
import { Rng } from '../tensor/random.ts'
import { type DatasetColumns, type LabelKind, LabelledDataset, type TaskSpec } from './dataset.ts'
import { type fitOptions, fitStudent, minibatchesOf } from './fit.ts'
import { prepared, prepareObjective, type ReadOptions, rehearsed } from './objective.ts'
import type { Target } from './targets/target.ts'
import { playerOf, type TeachingPolicy } from './teaching-agent.ts'

const COMMITTEE_HIDDEN: readonly number[] = [32, 32]

type StudentOptions = ReadOptions &
  OptionValues<typeof fitOptions> & {
    readonly hidden: readonly number[]
    readonly roundUpdates: number
    readonly committee: number
    readonly warmStart: boolean
  }

/** A synthetic dataset with the teacher's label kinds, used to validate options before any environment step. */
export function syntheticDataset(
  spec: TaskSpec,
  kinds: readonly LabelKind[],
  selection: string,
  size: number,
): LabelledDataset {
  const { actionSpace, observationSize } = spec
  const different = (width: number) => Float32Array.from({ length: size * width }, (_, i) => (i * i) % 11)
  const actions = actionSpace instanceof Discrete ? actionSpace.n : flatSize(actionSpace)
  const labels = kinds.map((kind) => [kind, different(kind === 'stateValues' ? 1 : actions)])
  const played =
    selection === 'box' ? {} : { actions: new Float32Array(size * flatSize(actionSpace)), returns: different(1) }
  const columns = { observations: different(observationSize), ...played, ...Object.fromEntries(labels) }
  return LabelledDataset.of(spec, columns as DatasetColumns)
}

/** Makes the students of all rounds, which differ only in their labels. */
export class Students {
  /** Of the target; reset, or trained further, in each round. */
  readonly network: Module
  readonly fitting: GivenOptions<typeof fitOptions>
  private readonly start: Uint8Array
  private play: Player | undefined
  private isTrained = false

  /** Throws on options that do not suit `example`, a dataset with the columns of the real one. */
  constructor(
    private readonly target: Target,
    private readonly example: LabelledDataset,
    private readonly o: StudentOptions,
    private readonly given: Module | undefined,
  ) {
    const { seed, batchSize, learningRate, maxGradNorm, standardize } = o
    this.fitting = { seed, batchSize, learningRate, maxGradNorm, standardize }
    const objective = rehearsed(target, example, o)
    this.network = given ?? this.fresh(o.hidden, objective.outputs, seed)
    minibatchesOf(this.network, example, objective, o)
    objective.student(this.network)
    this.start = saveParameters(this.network)
  }

  /** Plays where the student does before there is one. After a resume that may be while a given network is being trained. */
  readonly untrained: Player = {
    act: (observations, masks) => {
      this.play ??= playerOf(this.untrainedStudent())
      const trained = this.isTrained && this.given !== undefined ? saveParameters(this.given) : undefined
      if (trained !== undefined) loadParameters(this.network, this.start)
      const actions = this.play.act(observations, masks)
      if (trained !== undefined) loadParameters(this.network, trained)
      return actions
    },
  }

  /** Throws unless a student of the policy, which plays between rounds, can learn from the labels. */
  rehearsePlay(): void {
    prepareObjective('policy', this.example)
  }

  /** The objective of this round's student, its network, and whether the network continues from the last round. */
  prepare(dataset: LabelledDataset, round: number, isLast: boolean) {
    const { target, o, network, start } = this
    if (!isLast && !target.acts) {
      const objective = prepareObjective('policy', dataset)
      return { objective, module: this.fresh(o.hidden, objective.outputs, o.seed), warmStart: false }
    }
    const warmStart = o.warmStart && round > 0 && target.acts // values are learned in the last round alone
    this.isTrained = true
    if (!warmStart) loadParameters(network, start)
    return { objective: prepared(target, dataset, o), module: network as Module, warmStart }
  }

  /** Students that differ in their first parameters and minibatches. */
  committee(dataset: LabelledDataset): readonly DiscreteAgent[] {
    const { o, fitting } = this
    return Array.from({ length: o.committee }, (_, i) => {
      const seed = o.seed + i
      const objective = prepareObjective('policy', dataset)
      const network = this.fresh(COMMITTEE_HIDDEN, objective.outputs, seed)
      const options = { ...fitting, seed, updates: o.roundUpdates }
      return finish(fitStudent(network, dataset, objective, options)) as unknown as DiscreteAgent
    })
  }

  private untrainedStudent(): TeachingPolicy {
    const { target, example, o } = this
    const objective = target.acts ? rehearsed(target, example, o) : prepareObjective('policy', example)
    const own = target.acts ? this.given : undefined
    return objective.student(own ?? this.fresh(o.hidden, objective.outputs, o.seed)) as TeachingPolicy
  }

  private fresh(hidden: readonly number[], outputs: number, seed: number): MLP {
    return new MLP([this.example.observationSize, ...hidden, outputs], new Rng(seed))
  }
}
