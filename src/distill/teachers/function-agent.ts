// Rules written by hand, a planner, a table: anything that can say something about an observation can teach.

import { DiscreteAgent } from '../../rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../rl/policy.ts'
import { ShapeError, ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** What a function says about one state: numbers an action, or one number for the state. */
export interface Said {
  readonly logits?: ArrayLike<number>
  readonly actionValues?: ArrayLike<number>
  readonly stateValues?: number
}

export type TeacherFunction = (observation: Float32Array) => Said

/**
 * An agent around a function, which is called once for each state of a batch. What it can say is seen from what it says
 * about `example`, an observation of the task. Throws a ValueError if that is nothing, or if it says less later on; a
 * ShapeError on another number of actions.
 */
export function functionAgent(
  f: TeacherFunction,
  { actionCount, example }: { readonly actionCount: number; readonly example: Float32Array },
): DiscretePolicy {
  const observationSize = example.length
  const rows = (output: keyof Said, width: number) => (observations: Tensor) => {
    const count = observations.shape[0]!
    const flat = observations.view()
    const said = new Float32Array(count * width)
    for (let i = 0; i < count; i++) {
      const observation = Float32Array.from(flat.subarray(i * observationSize, (i + 1) * observationSize))
      said.set(numbersOf(f(observation), output, width), i * width)
    }
    return tensor(said, output === 'stateValues' ? [count] : [count, width])
  }
  const first = f(example.slice())
  const outputs = {
    ...(first?.logits !== undefined && { logits: rows('logits', actionCount) }),
    ...(first?.actionValues !== undefined && { actionValues: rows('actionValues', actionCount) }),
    ...(first?.stateValues !== undefined && { stateValues: rows('stateValues', 1) }),
  }
  if (Object.keys(outputs).length === 0) {
    throw new ValueError('the teacher function says nothing; expected { logits }, { actionValues } or { stateValues }')
  }
  return new DiscreteAgent(observationSize, actionCount, outputs)
}

function numbersOf(said: Said, output: keyof Said, width: number): ArrayLike<number> {
  const given = said[output]
  if (given === undefined) {
    throw new ValueError(
      `the teacher function gave ${output} at first and none later; it must always say the same kinds`,
    )
  }
  const numbers = typeof given === 'number' ? [given] : given
  if (numbers.length !== width) {
    throw new ShapeError(`the teacher function gave ${numbers.length} ${output}; expected ${width}`)
  }
  return numbers
}
