// What can teach besides an agent. Rules, planners and tables: a function of one observation that returns labels for it. Several agents
// as one: the mean of their probabilities or of their values (Hinton et al. 2015, arXiv:1503.02531, section 1); for continuous actions
// the Gaussian with the mean and variance of their mixture. Read next: teacher.ts.

import { Box, Discrete, type Space } from '../../data/spaces.ts'
import { DiscreteAgent } from '../../rl/policies/discrete-policies.ts'
import { fromUnit, toUnit } from '../../rl/policies/distributions/squashed-gaussian.ts'
import type { GaussianOutputs, PolicyOutputs, TeachingPolicy } from '../../rl/policies/policy.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { add, exp, log as lnOf, mul, square, sub, tanh } from '../../tensor/ops/elementwise.ts'
import { stack } from '../../tensor/ops/layout.ts'
import { logsumexp } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/rows.ts'
import { log } from '../../tensor/portable-math.ts'
import { evaluated } from '../targets/target.ts'
import { kindsOfGaussian } from './teaching-agent.ts'

/** Labels for one state, at least one of them: a number per action, or one number for the state. */
export interface TeacherOutput {
  readonly logits?: ArrayLike<number>
  readonly actionValues?: ArrayLike<number>
  readonly stateValues?: number
  /** A continuous action, in the environment's units. */
  readonly action?: ArrayLike<number>
}

/** A function of one observation: labels, or only the action that it would take, a choice or a vector. */
export type TeacherFunction = (observation: Float32Array) => TeacherOutput | number | ArrayLike<number>

/** Logit of the actions that a rule does not choose; the chosen one has 0. Leaves them a probability of 2e-9. */
const LEAST_LOGIT = -20

/**
 * An agent around a function, which is called once per state of a batch. Its output for `example`, an observation of the task, sets the
 * kinds of its labels. Throws a ValueError if there are none or if one is missing later, a ShapeError on another number of actions.
 */
export function functionTeacher(
  f: TeacherFunction,
  actionSpace: Space<unknown>,
  example: Float32Array,
): TeachingPolicy {
  const observationSize = example.length
  const width =
    actionSpace instanceof Discrete ? actionSpace.n : actionSpace instanceof Box ? actionSpace.low.length : 0
  const labelsOf = (observation: Float32Array) => asLabels(f(observation), actionSpace)
  const rows = (output: keyof TeacherOutput, width: number) => (observations: Tensor) => {
    const count = observations.shape[0]!
    const flat = observations.view()
    const labels = new Float32Array(count * width)
    for (let i = 0; i < count; i++) {
      const observation = Float32Array.from(flat.subarray(i * observationSize, (i + 1) * observationSize))
      labels.set(numbersOf(labelsOf(observation), output, width), i * width)
    }
    return tensor(labels, output === 'stateValues' ? [count] : [count, width])
  }
  const first = labelsOf(example.slice())
  const outputs = {
    ...(first?.logits !== undefined && { logits: rows('logits', width) }),
    ...(first?.actionValues !== undefined && { actionValues: rows('actionValues', width) }),
    ...(first?.stateValues !== undefined && { stateValues: rows('stateValues', 1) }),
  }
  if (first?.action !== undefined && actionSpace instanceof Box) {
    const actions = rows('action', width)
    const gaussian = (x: Tensor): GaussianOutputs => {
      const given = actions(x)
      return { mean: tensor(toUnit(Float32Array.from(given.view()), actionSpace), given.shape) }
    }
    return { ...outputs, ...actsByGaussian({ observationSize, bounds: actionSpace }, gaussian, false) }
  }
  if (actionSpace instanceof Box && outputs.stateValues !== undefined) {
    return { observationSize, bounds: actionSpace, stateValues: outputs.stateValues }
  }
  if (Object.keys(outputs).length === 0 || !(actionSpace instanceof Discrete)) {
    throw new ValueError(
      `the teacher function returned ${JSON.stringify(first)}; expected an action, { logits }, { actionValues } or ` +
        `{ stateValues }, or for continuous actions an action, { action } or { stateValues }; the action space is ${actionSpace}`,
    )
  }
  return new DiscreteAgent(observationSize, actionSpace.n, outputs)
}

/**
 * A teaching agent that acts by the mean of a Gaussian. Actions in [-1, 1] are scaled to the bounds; an agent whose Gaussian is in the
 * environment's units has a `toEnvironment`, which clips them to the bounds instead.
 */
export function actsByGaussian(
  like: Pick<TeachingPolicy, 'observationSize' | 'bounds' | 'toEnvironment'>,
  gaussian: (observations: Tensor) => GaussianOutputs,
  squashed: boolean,
): TeachingPolicy {
  const { observationSize, bounds } = like
  return {
    observationSize,
    bounds: bounds!,
    gaussian,
    squashed,
    actBatch: (observations) =>
      evaluated(observations, observationSize, (x) => (squashed ? tanh(gaussian(x).mean) : gaussian(x).mean)),
    toEnvironment: (actions) => like.toEnvironment?.(actions) ?? fromUnit(actions as Float32Array, bounds!),
  }
}

// An action alone, as labels.
function asLabels(given: TeacherOutput | number | ArrayLike<number>, actionSpace: Space<unknown>): TeacherOutput {
  if (typeof given === 'number') {
    if (!(actionSpace instanceof Discrete)) return { action: [given] }
    if (!actionSpace.contains(given)) {
      throw new ValueError(`the teacher function returned the action ${given}; the action space is ${actionSpace}`)
    }
    const logits = new Array<number>(actionSpace.n).fill(LEAST_LOGIT)
    logits[given - actionSpace.start] = 0
    return { logits }
  }
  if (given !== null && typeof given === 'object' && 'length' in given) return { action: given }
  return given
}

function numbersOf(given: TeacherOutput, output: keyof TeacherOutput, width: number): ArrayLike<number> {
  const values = given[output]
  if (values === undefined) {
    throw new ValueError(`the teacher function gave ${output} at first, then none; it must always give the same labels`)
  }
  const numbers = typeof values === 'number' ? [values] : values
  if (numbers.length === width) return numbers
  throw new ShapeError(`the teacher function gave ${numbers.length} ${output}; expected ${width}`)
}

/**
 * One agent with the outputs that all members have. Its logits are the logarithms of the mean probabilities. Throws a ValueError on
 * no members or no output common to all, a ShapeError where sizes differ.
 */
export function ensembleOf(members: readonly TeachingPolicy[]): TeachingPolicy {
  const first = members[0]
  if (first === undefined) throw new ValueError('ensembleOf: no members; expected at least one agent')
  const { observationSize, numActions, bounds } = first
  members.forEach((each, i) => {
    if (taskOf(each) === taskOf(first)) return
    throw new ShapeError(`ensembleOf: member ${i} ${taskOf(each)}, member 0 ${taskOf(first)}; all must be of one task`)
  })
  const all = (output: keyof PolicyOutputs) => members.every((each) => each[output] !== undefined)
  const outputs: PolicyOutputs = {
    ...(all('logits') && { logits: (x: Tensor) => meanPolicy(members.map((each) => each.logits!(x))) }),
    ...(all('actionValues') && { actionValues: (x: Tensor) => mean(members.map((each) => each.actionValues!(x))) }),
    ...(all('stateValues') && { stateValues: (x: Tensor) => mean(members.map((each) => each.stateValues!(x))) }),
  }
  const kinds = members.map((each) => `${kindsOfGaussian(each)} ${each.squashed === true}`)
  const isGaussian =
    bounds !== undefined && kindsOfGaussian(first).length > 0 && kinds.every((each) => each === kinds[0])
  if (Object.keys(outputs).length === 0 && !isGaussian) {
    throw new ValueError(
      'ensembleOf: no output that all members have; combine policies with policies, values with values',
    )
  }
  if (numActions !== undefined && bounds === undefined) {
    return Object.assign(new DiscreteAgent(observationSize, numActions, outputs), { members })
  }
  if (!isGaussian) return { observationSize, ...(bounds && { bounds }), ...outputs, members }
  const gaussian = (x: Tensor) => mixture(members.map((each) => each.gaussian!(x)))
  return { ...outputs, ...actsByGaussian(first, gaussian, first.squashed === true), members }
}

function taskOf({ observationSize, numActions, bounds }: TeachingPolicy): string {
  const actions = bounds === undefined ? `${numActions} actions` : `actions in [${bounds.low}] … [${bounds.high}]`
  return `observes ${observationSize} numbers and has ${actions}`
}

// ln (1/m Σ softmax(z)), without underflow of a probability that is tiny for all members.
function meanPolicy(logits: readonly Tensor[]): Tensor {
  const logPs = logits.map((each) => logSoftmax(each))
  return add(logsumexp(stack(logPs, 0), 0), -log(logits.length))
}

function mean(values: readonly Tensor[]): Tensor {
  const sum = values.reduce((a, b) => add(a, b))
  return mul(sum, 1 / values.length)
}

// Moments of a mixture: μ̄ = mean μ, σ̄² = mean σ² + mean (μ - μ̄)², a sum of positive numbers, so that its logarithm is finite.
function mixture(members: readonly GaussianOutputs[]): GaussianOutputs {
  const average = mean(members.map((each) => each.mean))
  if (members.some((each) => each.logStd === undefined)) return { mean: average }
  const variance = mean(members.map((each) => add(exp(mul(each.logStd!, 2)), square(sub(each.mean, average)))))
  return { mean: average, logStd: mul(lnOf(variance), 0.5) }
}
