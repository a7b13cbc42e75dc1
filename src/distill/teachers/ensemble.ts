// Several agents that teach as one: the mean of their probabilities, or of their values (Hinton et al. 2015,
// arXiv:1503.02531, section 1). Read next: ../teacher.ts.

import { DiscreteAgent } from '../../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { stack } from '../../tensor/ops/layout.ts'
import { logsumexp } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/softmax.ts'
import { log } from '../../tensor/portable-math.ts'
import type { Tensor } from '../../tensor/tensor.ts'

type Output = 'logits' | 'actionValues' | 'stateValues'

/**
 * An agent that gives what all members give. Its logits are the logarithms of the mean probabilities. Throws a ValueError on
 * no members or nothing that all give, a ShapeError where sizes differ.
 */
export function ensembleOf(members: readonly DiscretePolicy[]): DiscretePolicy {
  const first = members[0]
  if (first === undefined) throw new ValueError('ensembleOf: no members; expected at least one agent')
  const { observationSize, actionCount } = first
  members.forEach((each, i) => {
    if (each.observationSize === observationSize && each.actionCount === actionCount) return
    throw new ShapeError(
      `ensembleOf: member ${i} takes ${each.observationSize} numbers and has ${each.actionCount} actions, ` +
        `member 0 ${observationSize} and ${actionCount}; all must be of one task`,
    )
  })
  const all = (output: Output) => members.every((each) => each[output] !== undefined)
  const outputs = {
    ...(all('logits') && { logits: (x: Tensor) => meanPolicy(members.map((each) => each.logits!(x))) }),
    ...(all('actionValues') && { actionValues: (x: Tensor) => mean(members.map((each) => each.actionValues!(x))) }),
    ...(all('stateValues') && { stateValues: (x: Tensor) => mean(members.map((each) => each.stateValues!(x))) }),
  }
  if (Object.keys(outputs).length === 0) {
    throw new ValueError(
      'ensembleOf: there is nothing that all members give; mix policies with policies, values with values',
    )
  }
  return new DiscreteAgent(observationSize, actionCount, outputs)
}

// ln (1/m Σ softmax(z)), without underflow of a probability that all members hold to be tiny.
function meanPolicy(logits: readonly Tensor[]): Tensor {
  return add(
    logsumexp(
      stack(
        logits.map((each) => logSoftmax(each)),
        0,
      ),
      0,
    ),
    -log(logits.length),
  )
}

function mean(values: readonly Tensor[]): Tensor {
  return mul(
    values.reduce((sum, each) => add(sum, each)),
    1 / values.length,
  )
}
