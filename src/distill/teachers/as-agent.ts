// What can be given as a teacher, and what it becomes. Read next: ensemble.ts, function-agent.ts.

import type { DiscretePolicy } from '../../rl/policy.ts'
import { Discrete } from '../../rl/spaces.ts'
import { asVector, type Envs } from '../../rl/vector/as-vector.ts'
import { ShapeError } from '../../tensor/errors.ts'
import { ensembleOf } from './ensemble.ts'
import { functionAgent, type TeacherFunction } from './function-agent.ts'

/** An agent, several that teach as one, or a function of one observation. */
export type TeacherSource = DiscretePolicy | readonly DiscretePolicy[] | TeacherFunction

/** One agent. A function is asked about the first observation of the environment, to see what it can say. */
export function teacherAgent(source: TeacherSource, envs: Envs): DiscretePolicy {
  if (isList(source)) return ensembleOf(source)
  if (typeof source !== 'function') return source
  if (!(envs.actionSpace instanceof Discrete)) {
    throw new ShapeError(`a teacher function chooses among Discrete actions; ${envs.id} has ${envs.actionSpace}`)
  }
  const all = asVector(envs)
  const example = all.reset({ seed: 0 }).observations.slice(0, all.observationSize)
  return functionAgent(source, { actionCount: envs.actionSpace.n, example })
}

function isList(source: TeacherSource): source is readonly DiscretePolicy[] {
  return Array.isArray(source)
}
