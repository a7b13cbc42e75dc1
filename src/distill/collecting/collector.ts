// Collects the states to label. In each round the teacher, the student or a mixture of both plays, and states are selected from the
// play. Behaviour cloning is one round of the teacher's play; DAgger (Ross, Gordon and Bagnell 2011, arXiv:1011.0686) is several
// rounds, played by the student of all labels so far. Read next: selection.ts.

import { gathered } from '../../data/columns.ts'
import { packedSize } from '../../data/packing.ts'
import { Discrete } from '../../data/spaces.ts'
import { fitStandardizer, type Standardizer } from '../../nn/layers/standardize.ts'
import type { EnvLike } from '../../rl/envs/vector/sync-vector-env.ts'
import type { Player } from '../../rl/policies/policy.ts'
import { Rollout } from '../../rl/recorded-play.ts'
import { CheckpointError, ValueError } from '../../tensor/errors.ts'
import { integerPower } from '../../tensor/portable-math.ts'
import { Rng } from '../../tensor/random.ts'
import type { LabelledDataset } from '../dataset/dataset.ts'
import { withExpansions } from '../teachers/jacobians.ts'
import type { Teacher } from '../teachers/teacher.ts'
import { type CollectorValues, DRAWN, roundSizes } from './collector-options.ts'
import { disagreementOf, firstPlay, isUniform, mixture } from './play.ts'
import { errorWeights, farthestOrder, ranksActions, sampleBox, sequentialOrder, take } from './selection.ts'

/** States drawn per label in the first round of `errors`: the later rounds learn nothing from its outliers. */
const FIRST_DRAWN = 2
/** A sequential rollout has at most so many steps per label; some environments have fewer different states. */
const MAX_STEPS_PER_LABEL = 10

/**
 * Adds the states of one round to a dataset. A round is a function of the seed, its number, its students and the dataset, so a saved
 * distillation needs no play but the states that `jacobians` label.
 */
export class Collector {
  /** Labels of each round. */
  readonly sizes: readonly number[]
  /** States drawn per label. */
  private readonly candidates: number
  /** Whether later rounds select by the students' errors. */
  private readonly errs: boolean
  private first: ReturnType<Collector['playFirstRound']> | undefined
  /** States visited in later rounds, [states, observationSize], if `jacobians` label them. */
  private visited = new Float32Array()

  /**
   * @param untrained plays in place of the student before the first fit
   * @param rollout recorded play of the teacher, from which the first round's states are selected. Default: the collector plays
   *
   * Throws a ValueError on options that contradict each other.
   */
  constructor(
    private readonly teacher: Teacher,
    private readonly envs: EnvLike,
    private readonly o: CollectorValues,
    private readonly untrained: Player,
    private readonly given?: Rollout,
  ) {
    const { labels, rounds, selection, growth } = o
    this.errs = selection === 'errors' && ranksActions(teacher)
    const automatic = this.errs ? Math.min(Math.max(Math.round(1 + 200 / labels), 2), DRAWN) : DRAWN
    const candidates = o.candidates === 'auto' ? automatic : o.candidates
    this.candidates = candidates
    const refuse = (isWrong: boolean, what: string) => {
      if (isWrong) throw new ValueError(`collect: ${what}`)
    }
    this.sizes = roundSizes(labels, rounds, growth)
    refuse(
      selection === 'box' && rounds > 1,
      `selection is box in ${rounds} rounds; it needs no student, so use rounds 1`,
    )
    if (o.minDisagreement > 0) {
      const isDiscrete = envs.actionSpace instanceof Discrete
      refuse(!isDiscrete, `minDisagreement needs discrete actions; ${envs.id} has ${envs.actionSpace}`)
      refuse(o.roundStudents < 2, 'minDisagreement needs 2 or more roundStudents')
    }
    const compares = selection === 'errors' || selection === 'farthest'
    refuse(
      !compares && candidates !== DRAWN,
      `candidates is ${candidates}, but selection is ${selection}; leave it out, or use errors or farthest`,
    )
    const isUnbounded = selection === 'sequential' || selection === 'box'
    this.sizes.forEach((size, round) => {
      const states = round > 0 ? o.roundSteps : isUnbounded ? Infinity : (given?.size ?? o.rolloutSteps)
      const more = `make ${round > 0 ? 'roundSteps' : 'rolloutSteps'} larger`
      refuse(size > states, `${size} labels in round ${round} from ${states} states; ${more}`)
      refuse(
        compares && candidates > states,
        `${candidates} candidates in round ${round} from ${states} states; ${more}`,
      )
    })
    const { observationSize } = teacher.agent
    refuse(
      given !== undefined && (given.envId !== envs.id || given.observationSize !== observationSize),
      `the rollout is of ${given?.envId} with ${given?.observationSize} numbers per state, not of ${envs.id} with ${observationSize}`,
    )
    const isPlayed = (round: number) => round > 0 || given === undefined
    if (this.sizes.some((_, round) => isPlayed(round) && this.beta(round) > 0)) teacher.player()
  }

  /**
   * Plays, selects and adds `sizes[round]` states, or as many as `evaluations` allows. `students` share the steps of a later round
   * equally. Returns whether another round is worth its cost.
   */
  collect(round: number, students: readonly Player[], dataset: LabelledDataset): boolean {
    const { o } = this
    const { cost } = dataset
    cost.purpose = round === 0 ? 'firstRound' : 'laterRounds'
    const first = this.firstRound()
    const rng = roundRng(o.seed, round)
    const play = round === 0 ? first.rollout : this.playLater(round, students, rng)
    cost.addPlay(play, this.beta(round) > 0)
    const affordable = this.affordable(dataset, round > 0 && this.errs ? this.candidates : 1)
    const size = Math.min(this.sizes[round]!, affordable)
    if (round === 0 && size < 1) {
      throw new ValueError(
        `collect: the first round's play took ${cost.teacherEvaluations} of ${o.evaluations} evaluations, which leaves no label; ` +
          'give more evaluations or a smaller rolloutSteps',
      )
    }
    const met = round === 0 ? 0 : this.select(play, size, rng, dataset, students)
    const missing = size - met
    const taken = take(first.rollout, first.order, missing, dataset)
    if (taken === missing) {
      const agree = round > 0 && o.minDisagreement > 0 && disagreementOf(students, play) < o.minDisagreement
      return affordable > size && !agree
    }
    const sequential = o.selection === 'sequential' ? 'another selection' : 'a larger rolloutSteps'
    throw new ValueError(
      `collect: ${taken} new states in ${first.rollout.size} steps of play; expected ${missing} for round ${round}. Use ` +
        `${this.given === undefined ? sequential : 'a longer rollout'}, or ` +
        (round === 0 ? 'exploration fixed with a larger epsilon' : 'a larger roundSteps or studentEpsilon'),
    )
  }

  // Labels that the remaining evaluations pay for.
  private affordable({ cost, numActions, actionSize }: LabelledDataset, evaluationsPerLabel: number): number {
    const { evaluations, jacobians } = this.o
    const outputs = numActions || actionSize
    const left = evaluations - cost.teacherEvaluations - outputs * cost.jacobians
    return Math.max(0, Math.floor(left / (evaluationsPerLabel + (jacobians ? outputs : 0))))
  }

  private playLater(round: number, students: readonly Player[], rng: Rng): Rollout {
    const { o, envs } = this
    const steps = Math.ceil(o.roundSteps / students.length)
    const settings = { steps, gamma: o.gamma, epsilon: () => o.studentEpsilon, rng }
    const play = (student: Player) =>
      Rollout.play(this.player(round, student, rng), envs, { ...settings, seed: rng.integer(2 ** 32) })
    const rollout = Rollout.concat(students.map(play))
    if (o.jacobians) this.visited = Float32Array.from([...this.visited, ...rollout.columns.observations])
    return rollout
  }

  // Adds up to `size` new states of a later round's play, returns how many. A state that is evaluated to find the students' errors and
  // then labelled counts as one evaluation, which is that of its label.
  private select(play: Rollout, size: number, rng: Rng, dataset: LabelledDataset, students: readonly Player[]): number {
    const { cost } = dataset
    const before = cost.teacherEvaluations
    const met = take(
      play,
      this.order(play, size, this.firstRound().standardizer, rng, dataset, students),
      size,
      dataset,
    )
    cost.teacherEvaluations = Math.max(before, cost.teacherEvaluations - met)
    return met
  }

  /** The dataset with predicted labels for the states visited near its own. */
  expanded(dataset: LabelledDataset): LabelledDataset {
    const { rollout, standardizer } = this.firstRound()
    return withExpansions(dataset, Float32Array.from([...rollout.columns.observations, ...this.visited]), standardizer)
  }

  save() {
    return { visited: this.visited }
  }

  restore({ visited }: ReturnType<Collector['save']>): void {
    if (!(visited instanceof Float32Array) || visited.length % this.teacher.agent.observationSize !== 0) {
      throw new CheckpointError('the saved states are not whole observations')
    }
    this.visited = visited.slice()
  }

  private firstRound() {
    this.first ??= this.playFirstRound()
    return this.first
  }

  private playFirstRound() {
    const { o, envs } = this
    const rng = new Rng(o.seed)
    const size = this.sizes[0]!
    const played = this.given ?? this.firstRollout(size, rng)
    const rollout = o.selection === 'box' ? sampleBox(played, envs, size, rng) : played
    const standardizer = fitStandardizer((row) => rollout.observation(row), rollout.size, rollout.observationSize)
    return { rollout, order: this.order(rollout, size, standardizer, rng), standardizer }
  }

  private firstRollout(size: number, rng: Rng): Rollout {
    const { o, envs } = this
    const play = (rolloutSteps: number, own: Rng) =>
      firstPlay(this.player(0, this.untrained, own), envs, { ...o, rolloutSteps }, own)
    if (o.selection !== 'sequential') return play(o.rolloutSteps, rng)
    // Play may return to a state, such as a car at rest by the wall. It goes on until enough states are different.
    for (let steps = size; ; ) {
      const rollout = play(steps, new Rng(o.seed))
      const states = Array.from({ length: rollout.size }, (_, i) => rollout.observation(i).join())
      const missing = size - new Set(states).size
      if (missing <= 0 || steps >= MAX_STEPS_PER_LABEL * size) return rollout
      steps += 2 * missing
    }
  }

  // The order in which states are taken; in later rounds it depends on those that are labelled already.
  private order(
    rollout: Rollout,
    size: number,
    standardizer: Standardizer,
    rng: Rng,
    dataset?: LabelledDataset,
    students: readonly Player[] = [],
  ): Int32Array {
    const { selection } = this.o
    if (selection === 'sequential' || selection === 'box') return sequentialOrder(rollout)
    if (selection === 'farthest' || selection === 'errors') {
      const labelled = dataset?.has('observations') ? dataset.column('observations') : new Float32Array()
      const { errs } = this
      const candidates = errs && dataset === undefined ? Math.min(this.candidates, FIRST_DRAWN) : this.candidates
      const weightsOf = (indices: Int32Array) => {
        dataset!.cost.teacherEvaluations += indices.length
        const states = gathered(rollout.columns.observations, indices, rollout.observationSize)
        return errorWeights(students, this.teacher.agent, states, this.envs.actionSpace)
      }
      const weigh = errs && dataset !== undefined ? weightsOf : undefined
      return farthestOrder(rollout, labelled, size, candidates, standardizer, rng, weigh)
    }
    return rng.permutation(rollout.size)
  }

  // The teacher with probability β, per step and sub-environment, else the student.
  private player(round: number, student: Player, rng: Rng): Player {
    const beta = this.beta(round)
    if (beta === 0) return student
    return beta === 1
      ? this.teacher.player()
      : mixture(this.teacher.player(), student, beta, packedSize(this.envs.actionSpace), rng)
  }

  // 0 where all actions are random, so that none depends on who plays.
  private beta(round: number): number {
    const { o } = this
    const isRandom = round === 0 ? isUniform(o) : o.studentEpsilon === 1
    return isRandom ? 0 : o.firstBeta * integerPower(o.betaDecay, round)
  }
}

// A round's random numbers, apart from those of the first round.
function roundRng(seed: number, round: number): Rng {
  const seeds = new Rng(seed).split()
  for (let r = 1; r < round; r++) seeds.split()
  return seeds.split()
}
