// A decision tree as student: each inner node compares one number of the observation with a threshold, each leaf has an action.
// Grown as CART grows them (Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees"), each labelled state
// weighted by what the worst action would cost there. VIPER (Bastani, Pu and Solar-Lezama 2018, arXiv:1805.08328, section 3 and
// algorithm 1) grows one a round: the first labels states of the teacher's play, later ones those that the tree of all labels so far
// gets into; every tree is evaluated by play and the best is kept.
// Read next: ../rl/policies/decision-tree.ts for the tree as a policy, collecting/collector.ts for the rounds.

import { choice, count, defaultsOf, type GivenOptions, type Option, readOptions, whole } from '../data/options.ts'
import { packedSize } from '../data/packing.ts'
import { Discrete } from '../data/spaces.ts'
import type { Env } from '../rl/envs/env.ts'
import { type Evaluation, evaluatePolicy } from '../rl/evaluate.ts'
import { DecisionTree, MAX_DEPTH, type TreeLeaf, type TreeNode } from '../rl/policies/decision-tree.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { Collector } from './collecting/collector.ts'
import { collectorOptions } from './collecting/collector-options.ts'
import type { Selection } from './collecting/selection.ts'
import { LabelledDataset } from './dataset/dataset.ts'
import { hardScores } from './dataset/dataset-operations.ts'
import { type Cost, CostRecord } from './dataset/provenance.ts'
import { type Teacher, type TeacherSource, teacherOf } from './teachers/teacher.ts'

export const treeOptions = {
  maxDepth: orInfinity(whole(6, 'most questions from the root to a leaf; 0 is a single leaf'), 6),
  maxLeafNodes: orInfinity(count(1, 'most leaves; the splits that reduce impurity most come first'), Infinity),
  minSamplesLeaf: count(1, 'fewest labelled states per leaf'),
  treeWeights: choice<'viper' | 'none'>(
    'viper',
    "weight of a state: max - min of the teacher's logits, or else of its action values; or all alike",
    ['viper', 'none'],
  ),
}

export type TreeOptions = GivenOptions<typeof treeOptions>

function orInfinity(option: Option<number>, value: number): Option<number> {
  return {
    ...option,
    value,
    allowed: `${option.allowed}, or Infinity`,
    accepts: (given) => given === Infinity || option.accepts(given),
  }
}

/**
 * Grows a tree whose leaves choose as the teacher does. Of equally good splits the first number of the observation and the lowest
 * threshold win, so a tree is a function of its dataset. Deviation from the paper: states are weighted, where VIPER resamples them
 * in proportion to the weights, which is the same on average and deterministic. Throws a ValueError on an unusable dataset or option.
 */
export function fitTree(dataset: LabelledDataset, options: TreeOptions = {}): DecisionTree {
  const { maxDepth, maxLeafNodes, minSamplesLeaf, treeWeights } = readOptions('fitTree', treeOptions, options)
  dataset.requireUsable('fitTree')
  const states = weighted(dataset, treeWeights)
  const all = Int32Array.from({ length: dataset.size }, (_, i) => i)
  const root = open(states, all, 0)
  const frontier = [root]
  for (let leaves = 1; leaves < maxLeafNodes; leaves++) {
    for (const leaf of frontier)
      leaf.split ??= leaf.depth < Math.min(maxDepth, MAX_DEPTH) ? bestSplit(states, leaf, minSamplesLeaf) : null
    const next = frontier.reduce((best, leaf) => (gainOf(leaf) > gainOf(best) ? leaf : best))
    if (!next.split) break
    const { feature, threshold, left, right } = next.split
    next.children = [open(states, left, next.depth + 1), open(states, right, next.depth + 1)]
    next.question = { feature, threshold }
    frontier.splice(frontier.indexOf(next), 1, ...next.children)
  }
  return new DecisionTree(closed(root), dataset.observationSize, dataset.numActions)
}

interface WeightedStates {
  /** [size, width] */
  readonly observations: Float32Array
  readonly width: number
  /** The teacher's action in each state. */
  readonly actions: Int32Array
  readonly weights: Float64Array
  readonly numActions: number
}

function weighted(dataset: LabelledDataset, weighting: 'viper' | 'none'): WeightedStates {
  const { size, numActions, observationSize: width } = dataset
  const observations = dataset.column('observations')
  const scores = dataset.isLabelled ? dataset.scores() : hardScores(dataset)
  const actions = new Int32Array(size)
  const weights = new Float64Array(size).fill(1)
  for (let i = 0; i < size; i++) {
    const row = scores.subarray(i * numActions, (i + 1) * numActions)
    actions[i] = row.indexOf(Math.max(...row))
    if (weighting === 'viper') weights[i] = row[actions[i]!]! - Math.min(...row)
  }
  if (!weights.some((weight) => weight > 0)) {
    throw new ValueError(
      'fitTree: all actions have the same score in every labelled state; expected labels that rank actions',
    )
  }
  return { observations, width, actions, weights, numActions }
}

interface OpenNode {
  /** Rows of the dataset. */
  readonly states: Int32Array
  readonly depth: number
  /** The weight of each action. */
  readonly weightOf: Float64Array
  readonly impurity: number
  /** The best split; null if there is none, undefined before the search. */
  split?: Split | null
  question?: { readonly feature: number; readonly threshold: number }
  children?: readonly [OpenNode, OpenNode]
}

interface Split {
  readonly feature: number
  readonly threshold: number
  readonly gain: number
  readonly left: Int32Array
  readonly right: Int32Array
}

function open({ actions, weights, numActions }: WeightedStates, states: Int32Array, depth: number): OpenNode {
  const weightOf = new Float64Array(numActions)
  for (const i of states) weightOf[actions[i]!]! += weights[i]!
  return { states, depth, weightOf, impurity: impurityOf(weightOf) }
}

function gainOf({ split }: OpenNode): number {
  return split?.gain ?? -Infinity
}

// Gini's impurity times the weight: W (1 - Σ (W_a / W)²).
function impurityOf(weightOf: Float64Array): number {
  let total = 0
  let squares = 0
  for (const weight of weightOf) {
    total += weight
    squares += weight * weight
  }
  return total === 0 ? 0 : total - squares / total
}

// Each number of the observation in turn: its values in order, a cut between any two that differ.
function bestSplit(states: WeightedStates, node: OpenNode, minSamplesLeaf: number): Split | null {
  if (node.impurity <= 1e-12) return null
  const { observations, width, actions, weights, numActions } = states
  let best: { feature: number; below: number; above: number; gain: number } | null = null
  for (let feature = 0; feature < width; feature++) {
    const numberOf = (i: number) => observations[i * width + feature]!
    const order = node.states.slice().sort((a, b) => numberOf(a) - numberOf(b) || a - b)
    const left = new Float64Array(numActions)
    const right = node.weightOf.slice()
    for (let k = 0; k < order.length - 1; k++) {
      const i = order[k]!
      left[actions[i]!]! += weights[i]!
      right[actions[i]!]! -= weights[i]!
      const [below, above] = [numberOf(i), numberOf(order[k + 1]!)]
      if (below === above || k + 1 < minSamplesLeaf || order.length - k - 1 < minSamplesLeaf) continue
      const gain = node.impurity - impurityOf(left) - impurityOf(right)
      if (best === null || gain > best.gain + 1e-12 * node.impurity) best = { feature, below, above, gain }
    }
  }
  if (best === null) return null
  const { feature, below, above, gain } = best
  const threshold = roundBetween(below, above)
  const isLeft = (i: number) => observations[i * width + feature]! <= threshold
  return { feature, threshold, gain, left: node.states.filter(isLeft), right: node.states.filter((i) => !isLeft(i)) }
}

/** The number with the fewest digits, near the middle, in [below, above). */
function roundBetween(below: number, above: number): number {
  const middle = below + (above - below) / 2
  for (let digits = 1; digits <= 17; digits++) {
    const candidate = Number(middle.toPrecision(digits))
    if (candidate >= below && candidate < above) return candidate
  }
  return below
}

function closed({ children, question, weightOf, states }: OpenNode): TreeNode {
  if (children === undefined || question === undefined) {
    return { action: weightOf.indexOf(Math.max(...weightOf)), weights: Array.from(weightOf), samples: states.length }
  }
  const [left, right] = [closed(children[0]), closed(children[1])]
  const needed = !('action' in left && 'action' in right) || left.action !== right.action
  return needed ? { ...question, left, right } : joined(left, right)
}

// Two leaves with the same action need no question.
function joined(left: TreeLeaf, right: TreeLeaf): TreeLeaf {
  const weights = left.weights.map((weight, a) => weight + right.weights[a]!)
  return { action: left.action, weights, samples: left.samples + right.samples }
}

const { exploration, epsilon, maxEpsilon, studentEpsilon, selection, candidates, rolloutSteps, gamma } =
  collectorOptions

export const viperOptions = {
  ...treeOptions,
  labels: count(2000, 'states that the teacher labels, in all rounds together'),
  rounds: count(5, 'rounds, with an equal number of labels each'),
  seed: whole(0, 'of all random numbers: the same seed gives the same tree'),
  evaluationEpisodes: count(20, 'episodes that evaluate the tree of each round'),
  exploration,
  epsilon,
  maxEpsilon,
  studentEpsilon,
  selection: { ...selection, value: 'random' as Selection },
  candidates,
  rolloutSteps: { ...rolloutSteps, value: 10_000 },
  gamma,
}

export type ViperOptions = GivenOptions<typeof viperOptions>

export interface ViperResult {
  /** The best of the rounds' trees; of equals the last, which has learned from most labels. */
  readonly tree: DecisionTree
  readonly dataset: LabelledDataset
  /** What was spent on the labels and on the choice among the trees. */
  readonly cost: Cost
  /** Evaluation of each round's tree. */
  readonly evaluations: readonly Evaluation[]
}

export interface ViperReport {
  /** `label`: a tree has been grown from all labels so far. `evaluate`: the tree of a round has been evaluated. */
  readonly phase: 'label' | 'evaluate'
  /** From 0. */
  readonly round: number
  readonly rounds: number
  /** The labels so far. */
  readonly dataset: LabelledDataset
}

/**
 * Yields after each round's tree and after each evaluation; returns the best tree. `finish(viper(makeEnv, teacher))` runs it to the end.
 *
 * @param makeEnv makes a fresh environment: one is played for states, others evaluate the trees
 *
 * Throws a ValueError on options out of range and a ShapeError on a teacher of another task, before any play.
 */
export function viper(
  makeEnv: () => Env,
  source: TeacherSource | Teacher,
  options: ViperOptions = {},
): Generator<ViperReport, ViperResult, void> {
  const o = readOptions('viper', viperOptions, options)
  const env = makeEnv()
  const { actionSpace } = env
  if (!(actionSpace instanceof Discrete)) throw new ShapeError(`viper: ${env.id} has ${actionSpace}; expected Discrete`)
  const teacher = teacherOf(source, env, o.labels)
  const { maxDepth, maxLeafNodes, minSamplesLeaf, treeWeights } = o
  const settings = {
    ...{ ...defaultsOf(collectorOptions), ...o },
    ...{ roundSteps: o.rolloutSteps, roundStudents: 1 },
  }
  const dataset = new LabelledDataset({ envId: env.id, observationSize: packedSize(env.observationSpace), actionSpace })
  dataset.provenance = { selection: o.selection, rounds: o.rounds, seed: o.seed, teacher: teacher.name }
  const collector = new Collector(teacher, env, settings, teacher.player())
  return run()

  function* run(): Generator<ViperReport, ViperResult, void> {
    const { rounds, evaluationEpisodes: episodes, seed } = o
    const trees: DecisionTree[] = []
    for (let round = 0; round < rounds; round++) {
      collector.collect(round, [round === 0 ? teacher.player() : trees.at(-1)!], dataset)
      dataset.label(teacher)
      trees.push(fitTree(dataset, { maxDepth, maxLeafNodes, minSamplesLeaf, treeWeights }))
      yield { phase: 'label', round, rounds, dataset }
    }
    const cost = CostRecord.of(dataset.cost)
    cost.purpose = 'choice'
    const evaluations: Evaluation[] = []
    for (const [round, tree] of trees.entries()) {
      const evaluation = evaluatePolicy(tree, makeEnv, { episodes, seed: seed + EVALUATION_SEEDS })
      cost.addSteps(evaluation.steps)
      evaluations.push(evaluation)
      yield { phase: 'evaluate', round, rounds, dataset }
    }
    const best = evaluations.reduce((top, { mean }, i) => (mean >= evaluations[top]!.mean ? i : top), 0)
    return { tree: trees[best]!, dataset, cost, evaluations }
  }
}

/** Far from the seeds of the collection and from those of a final evaluation. */
const EVALUATION_SEEDS = 3_000_000
