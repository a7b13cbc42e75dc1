// How far a committee is from being of one mind, state by state.

import { actionScores } from '../../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { softmax } from '../../tensor/ops/softmax.ts'
import { log } from '../../tensor/portable-math.ts'
import { scope } from '../../tensor/scope.ts'
import type { Pool } from './pool.ts'
import { stateAt } from './set-builder.ts'

/** Those `count` of the places whose states are the most disputed, the most disputed first; equals in the order given. */
export function mostDisputed(
  committee: readonly DiscretePolicy[],
  pool: Pool,
  places: Int32Array,
  count: number,
): Int32Array {
  const observations = new Float32Array(places.length * pool.observationSize)
  places.forEach((place, i) => {
    observations.set(stateAt(pool, place), i * pool.observationSize)
  })
  const disputes = disagreement(committee, observations, places.length)
  const order = Array.from(places, (_, i) => i).sort((i, j) => disputes[j]! - disputes[i]! || i - j)
  return Int32Array.from(order.slice(0, count), (i) => places[i]!)
}

/**
 * H(p̄) - mean H(p_m) with p̄ = mean p_m: the mean divergence of the members' policies from their common one, in nats, from 0
 * to the logarithm of their number. McCallum and Nigam 1998, "Employing EM and pool-based active learning", section 3.
 */
export function disagreement(
  committee: readonly DiscretePolicy[],
  observations: Float32Array,
  count: number,
): Float64Array {
  const policies = committee.map((member) =>
    scope(() =>
      noGrad(() =>
        Float32Array.from(softmax(actionScores(member, tensor(observations, [count, member.observationSize]))).view()),
      ),
    ),
  )
  const actions = policies[0]!.length / count
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0
    for (let a = i * actions; a < (i + 1) * actions; a++) {
      let mean = 0
      for (const policy of policies) {
        mean += policy[a]! / policies.length
        sum += plogp(policy[a]!) / policies.length
      }
      sum -= plogp(mean)
    }
    return sum
  })
}

function plogp(p: number): number {
  return p > 0 ? p * log(p) : 0
}
