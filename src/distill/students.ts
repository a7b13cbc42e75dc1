// The students of a distillation: which network learns what in which round. Read next: distill.ts, which trains them.

import type { Checkpoint } from '../data/checkpoint.ts'
import type { GivenOptions } from '../data/options.ts'
import { packedSize } from '../data/packing.ts'
import { loadParameters, saveParameters } from '../nn/files/parameters.ts'
import { build } from '../nn/layers/spec.ts'
import { type Module, namedParameters, setVector, vectorOf } from '../nn/module.ts'
import { type Player, playedActions, type TeachingPolicy } from '../rl/policies/policy.ts'
import { perceptron } from '../rl/training/networks.ts'
import { CheckpointError } from '../tensor/errors.ts'
import { Rng } from '../tensor/random.ts'
import {
  type DatasetColumns,
  type LabelKind,
  LabelledDataset,
  type SuccessorColumn,
  type TaskSpec,
} from './dataset/dataset.ts'
import type { CostRecord } from './dataset/provenance.ts'
import { type FitReport, type fitOptions, fitStudent, minibatchesOf } from './fit.ts'
import { prepared, prepareObjective, rehearsed } from './objective.ts'
import type { DistillValues } from './options.ts'
import type { Objective, Target } from './targets/target.ts'

/** A synthetic dataset with the teacher's label kinds, used to validate options before any environment step. */
export function syntheticDataset(
  spec: TaskSpec,
  kinds: readonly (LabelKind | SuccessorColumn)[],
  selection: string,
  size: number,
): LabelledDataset {
  const { actionSpace, observationSize } = spec
  const different = (width: number) => Float32Array.from({ length: size * width }, (_, i) => (i * i) % 11)
  const empty = new LabelledDataset(spec)
  const labels = kinds.map((kind) => [kind, different(empty.width(kind))])
  const played =
    selection === 'box' ? {} : { actions: new Float32Array(size * packedSize(actionSpace)), returns: different(1) }
  const columns = { observations: different(observationSize), ...played, ...Object.fromEntries(labels) }
  return LabelledDataset.of(spec, columns as DatasetColumns)
}

/** One of several students that share a module. */
export interface TrainedStudent extends Player {
  /** Writes its parameters into the module. */
  load(): void
}

/** Makes the students of all rounds, which differ in their labels, and those of one round, which differ in their random numbers. */
export class Students {
  /** Of the target; reset, or trained further, for each student. */
  readonly network: Module
  private readonly settings: GivenOptions<typeof fitOptions>
  private readonly start: Uint8Array
  private play: Player | undefined
  private isTrained = false
  /** Parameters of the round's students so far. */
  private trained: Float32Array[] = []
  /** The fit in progress, and that of a resumed distillation. */
  private fitting: FitReport | undefined
  private resumed: Checkpoint | undefined
  /** The student as it is now; undefined before the first gradient step. */
  student: () => TeachingPolicy | undefined = () => undefined

  /** Throws on options that do not suit `example`, a dataset with the columns of the real one. */
  constructor(
    private readonly target: Target,
    private readonly example: LabelledDataset,
    private readonly o: DistillValues,
    private readonly given: Module | undefined,
    private readonly toPlayer: (student: TeachingPolicy) => Player = (student) => student as Player,
  ) {
    const { seed, batchSize, learningRate, maxGradNorm, standardize } = o
    this.settings = { seed, batchSize, learningRate, maxGradNorm, standardize }
    const objective = rehearsed(target, example, o)
    this.network = given ?? this.fresh(objective.outputs, seed)
    minibatchesOf(this.network, example, objective, o)
    objective.student(this.network)
    this.start = saveParameters(this.network)
  }

  /** Plays where the student does before there is one. After a resume that may be while a given network is being trained. */
  readonly untrained: Player = {
    actBatch: (observations, masks) => {
      this.play ??= this.toPlayer(this.untrainedStudent())
      const trained = this.isTrained && this.given !== undefined ? saveParameters(this.given) : undefined
      if (trained !== undefined) loadParameters(this.network, this.start)
      const actions = playedActions(this.play, observations, masks)
      if (trained !== undefined) loadParameters(this.network, trained)
      return actions
    },
  }

  /** Throws unless a student of the policy, which plays between rounds, can learn from the labels. */
  rehearsePlay(): void {
    prepareObjective('policy', this.example)
  }

  /** Students of this round that are trained. */
  get count(): number {
    return this.trained.length
  }

  /** What the students of this round learn. */
  objective(dataset: LabelledDataset, isLast: boolean): Objective<unknown> {
    const { target, o } = this
    return isLast || target.acts ? prepared(target, dataset, o) : prepareObjective('policy', dataset)
  }

  /** Gradient steps of each student of a round, and the number of students. */
  plan(isLast: boolean): readonly [updates: number, count: number] {
    const { o } = this
    return isLast ? [o.updates, o.finalStudents] : [o.roundUpdates, o.roundStudents]
  }

  /** Trains the students of a round one after the other. Yields what `report` makes of each gradient step. */
  *fit<Report>(
    dataset: LabelledDataset,
    objective: Objective<unknown>,
    round: number,
    isLast: boolean,
    cost: CostRecord,
    report: (fit: FitReport) => Report,
  ): Generator<Report, readonly TrainedStudent[], void> {
    const [updates, count] = this.plan(isLast)
    for (;;) {
      const { module, options } = this.next(objective, round, isLast)
      const fit = fitStudent(module, dataset, objective, { ...options, updates, resume: this.resumed })
      this.resumed = undefined
      let step = fit.next()
      for (; step.done !== true; step = fit.next()) {
        this.fitting = step.value
        this.student = step.value.student as () => TeachingPolicy
        cost.updates++
        yield report(step.value)
      }
      this.fitting = undefined
      this.add(module)
      if (this.count >= count) return this.takePlayers(step.value as TeachingPolicy, module)
    }
  }

  /** The network of this round's next student, and the options of its fit. */
  next({ outputs }: Objective<unknown>, round: number, isLast: boolean) {
    const { target, o, network, start, settings, count } = this
    const seed = seedOf(o.seed, count)
    const options = { ...settings, seed, warmStart: false }
    if (!isLast && !target.acts) return { module: this.fresh(outputs, seed), options }
    this.isTrained = true
    // Values are learned in the last round alone.
    if (o.warmStart && round > 0 && target.acts) return { module: network, options: { ...options, warmStart: true } }
    const isFirst = count === 0 || this.given !== undefined
    loadParameters(network, isFirst ? start : saveParameters(this.fresh(outputs, seed)))
    return { module: network, options }
  }

  /** Keeps a trained network as a student of this round. */
  add(module: Module): void {
    this.trained.push(Float32Array.from(vectorOf(Object.values(namedParameters(module)))))
  }

  /** Ends a round: its students, which take turns in `module`. */
  takePlayers(agent: TeachingPolicy, module: Module): TrainedStudent[] {
    const player = this.toPlayer(agent)
    const { trained } = this
    this.trained = []
    let loaded: Float32Array | undefined
    return trained.map((parameters) => {
      const load = () => {
        if (loaded === parameters) return
        setVector(Object.values(namedParameters(module)), Float64Array.from(parameters))
        loaded = parameters
      }
      return {
        load,
        actBatch(observations, masks) {
          load()
          return playedActions(player, observations, masks)
        },
      }
    })
  }

  save() {
    return { trained: this.trained, fit: this.fitting?.save() ?? null }
  }

  restore({ trained, fit }: ReturnType<Students['save']>): void {
    const areParameters = Array.isArray(trained) && trained.every((each) => each instanceof Float32Array)
    if (!areParameters || trained.some((each) => !each.every(Number.isFinite))) {
      throw new CheckpointError('the saved students are not lists of finite parameters')
    }
    this.trained = trained.map((each) => each.slice())
    this.resumed = fit ?? undefined
  }

  private untrainedStudent(): TeachingPolicy {
    const { target, example, o } = this
    const objective = target.acts ? rehearsed(target, example, o) : prepareObjective('policy', example)
    const own = target.acts ? this.given : undefined
    return objective.student(own ?? this.fresh(objective.outputs, o.seed)) as TeachingPolicy
  }

  private fresh(outputs: number, seed: number): Module {
    const { network, hidden, hiddenActivation } = this.o
    const shape = [this.example.observationSize]
    return build(perceptron(network, hidden, hiddenActivation, { shape, outputs }), new Rng(seed))
  }
}

// The first student of a round has the seed of the distillation.
function seedOf(seed: number, student: number): number {
  return student === 0 ? seed : new Rng(seed + STUDENT_SEEDS * student).integer(2 ** 32)
}

const STUDENT_SEEDS = 1_000_003
