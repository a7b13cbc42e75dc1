// A student that can be read: a binary tree of questions about single numbers of the observation, with an action at each leaf.
// Grown as CART grows them (Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees"), each labelled
// state counting as much as the worst action would cost there (VIPER: Bastani et al. 2018, arXiv:1805.08328, section 3).
// Read next: viper.ts for where the states come from.

import { ValueError } from '../tensor/errors.ts'
import { type LabelledSet, requireUsable } from './labelled-set.ts'
import { scoresOf } from './targets/prepared.ts'
import { DecisionTree, type TreeLeaf, type TreeNode } from './tree-agent.ts'

export interface TreeOptions {
  /** Questions from the root to a leaf, at most; 0 is a single leaf. Default 6. */
  readonly maxDepth?: number
  /** Leaves, at most; those questions come first that mend most. Default: no limit. */
  readonly maxLeaves?: number
  /** Labelled states that a leaf stands for, at least. Default 1. */
  readonly minStates?: number
  /**
   * `viper`: a state counts max - min of the teacher's scores, which are its logits, or else its action values; of logits that
   * is the gap of log-probabilities, the paper's choice for policies. `none`: all alike. Default `viper`.
   */
  readonly weights?: 'viper' | 'none'
}

/**
 * Grows a tree whose leaves choose as the teacher does. Where several splits are equally good, the first number of the
 * observation and the lowest threshold win, so that a tree is a function of its set. Deviation from the paper: states are
 * weighted, where VIPER resamples them in proportion to the weights, which is the same on average and needs no luck.
 *
 * Throws a ValueError on an unusable set or options out of range.
 */
export function growTree(set: LabelledSet, options: TreeOptions = {}): DecisionTree {
  const { maxDepth = 6, maxLeaves = Infinity, minStates = 1, weights = 'viper' } = options
  requireUsable('growTree', set)
  requireTreeOptions(options)
  const states = weighted(set, weights)
  const root = open(
    states,
    Int32Array.from({ length: set.size }, (_, i) => i),
    0,
  )
  const frontier = [root]
  for (let leaves = 1; leaves < maxLeaves; leaves++) {
    for (const leaf of frontier) leaf.split ??= leaf.depth < maxDepth ? bestSplit(states, leaf, minStates) : null
    const next = frontier.reduce((best, leaf) => (gainOf(leaf) > gainOf(best) ? leaf : best), frontier[0]!)
    if (!next.split) break
    const { feature, threshold, left, right } = next.split
    next.children = [open(states, left, next.depth + 1), open(states, right, next.depth + 1)]
    next.question = { feature, threshold }
    frontier.splice(frontier.indexOf(next), 1, ...next.children)
  }
  return new DecisionTree(closed(root), set.observationSize, set.actionCount)
}

/** Throws a ValueError that names the option which is out of range. */
export function requireTreeOptions({
  maxDepth = 0,
  maxLeaves = 1,
  minStates = 1,
  weights = 'none',
}: TreeOptions): void {
  const require = (name: string, value: number, least: number) => {
    if (value === Infinity || (Number.isInteger(value) && value >= least)) return
    throw new ValueError(`growTree: ${name} is ${value}; expected a whole number from ${least}, or Infinity`)
  }
  require('maxDepth', maxDepth, 0)
  require('maxLeaves', maxLeaves, 1)
  require('minStates', minStates, 1)
  if (weights !== 'viper' && weights !== 'none') {
    throw new ValueError(`growTree: weights are "${String(weights)}"; expected viper or none`)
  }
}

interface WeightedStates {
  /** [size, width] */
  readonly observations: Float32Array
  readonly width: number
  /** The teacher's action in each state. */
  readonly actions: Int32Array
  readonly weights: Float64Array
  readonly actionCount: number
}

function weighted(set: LabelledSet, weighting: 'viper' | 'none'): WeightedStates {
  const { size, actionCount, observations, observationSize: width } = set
  const scores = scoresOf('growTree', set)
  const actions = new Int32Array(size)
  const weights = new Float64Array(size).fill(1)
  for (let i = 0; i < size; i++) {
    const row = scores.subarray(i * actionCount, (i + 1) * actionCount)
    actions[i] = row.indexOf(row.reduce((a, b) => Math.max(a, b)))
    if (weighting === 'viper') weights[i] = row[actions[i]!]! - row.reduce((a, b) => Math.min(a, b))
  }
  if (!weights.some((weight) => weight > 0)) {
    throw new ValueError(
      'growTree: the teacher rates all actions alike in every labelled state; it has nothing to teach',
    )
  }
  return { observations, width, actions, weights, actionCount }
}

interface OpenNode {
  /** Places in the set. */
  readonly states: Int32Array
  readonly depth: number
  /** The weight of each action. */
  readonly weightOf: Float64Array
  readonly impurity: number
  /** The best question to ask here; null if there is none, undefined before it was looked for. */
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

function open({ actions, weights, actionCount }: WeightedStates, states: Int32Array, depth: number): OpenNode {
  const weightOf = new Float64Array(actionCount)
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
function bestSplit(states: WeightedStates, node: OpenNode, minStates: number): Split | null {
  if (node.impurity <= 1e-12) return null
  const { observations, width, actions, weights, actionCount } = states
  let best: { feature: number; below: number; above: number; gain: number } | null = null
  for (let feature = 0; feature < width; feature++) {
    const numberOf = (i: number) => observations[i * width + feature]!
    const order = node.states.slice().sort((a, b) => numberOf(a) - numberOf(b) || a - b)
    const left = new Float64Array(actionCount)
    const right = node.weightOf.slice()
    for (let k = 0; k < order.length - 1; k++) {
      const i = order[k]!
      left[actions[i]!]! += weights[i]!
      right[actions[i]!]! -= weights[i]!
      const [below, above] = [numberOf(i), numberOf(order[k + 1]!)]
      if (below === above || k + 1 < minStates || order.length - k - 1 < minStates) continue
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

/** The number of the fewest digits, near the middle, that `below` does not exceed and `above` does. */
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
    return { action: weightOf.indexOf(Math.max(...weightOf)), weights: Array.from(weightOf), states: states.length }
  }
  const [left, right] = [closed(children[0]), closed(children[1])]
  const needed = !('action' in left && 'action' in right) || left.action !== right.action
  return needed ? { ...question, left, right } : joined(left, right)
}

// Two leaves that choose alike need no question.
function joined(left: TreeLeaf, right: TreeLeaf): TreeLeaf {
  const weights = left.weights.map((weight, a) => weight + right.weights[a]!)
  return { action: left.action, weights, states: left.states + right.states }
}
