// Environments by id: `make('CartPole-v1')`. The registry applies the time limit of the id.
// Read next: registered.ts for the built-in ids, ../env.ts for what `make` returns.

import { nearestMatch, requireMethods, requireText, unknownName, ValueError } from '../../../tensor/errors.ts'
import type { Env, EnvOptions, EnvSpec } from '../env.ts'
import { TimeLimit } from '../wrappers/episode.ts'
import { builtInEnvs } from './registered.ts'

const specs = new Map<string, EnvSpec>()

/** Registers an environment. Throws a `ValueError` if the id is taken. */
export function register(added: EnvSpec): void {
  requireMethods('register: the environment', added, ['create'], "{ id: 'YourEnv-v0', create: () => new YourEnv() }")
  requireText('register: id', added.id)
  if (specs.has(added.id)) throw new ValueError(`register: "${added.id}" is registered already; choose another id`)
  specs.set(added.id, added)
}

/** All registered ids, in order of registration. */
export function registeredIds(): string[] {
  return [...specs.keys()]
}

/** The registration of an id. Throws a `ValueError` with the nearest match on an unknown id. */
export function spec(id: string): EnvSpec {
  const found = specs.get(id)
  if (found !== undefined) return found
  throw new ValueError(unknownName('environment', String(id), registeredIds(), nearestId(String(id))))
}

/** `cartpole` → `CartPole-v1`: the nearest name, of its versions the nearest, and of those equally near the latest. */
function nearestId(id: string): string | undefined {
  const nameOf = (each: string) => each.replace(/-v\d+$/, '')
  const name = nearestMatch(nameOf(id), registeredIds().map(nameOf))
  const versions = registeredIds().filter((each) => nameOf(each) === name)
  return nearestMatch(id, versions.toReversed()) ?? versions.at(-1)
}

/**
 * Creates an environment with the time limit of its id. The type parameters are not checked:
 * `make('CartPole-v1')`, `make<Float32Array, Float32Array>('Pendulum-v1')`, `make<number>('FrozenLake-v1')`.
 *
 * Throws a `ValueError` on an unknown id or option.
 */
export function make<Observation = Float32Array, Action = number>(
  id: string,
  options: EnvOptions = {},
): Env<Observation, Action> {
  const { create, maxEpisodeSteps } = spec(id)
  if (typeof options !== 'object' || options === null) {
    throw new ValueError(`make: the options of ${id} are ${options}; expected an object`)
  }
  const env = create(options, id) as Env<Observation, Action>
  return maxEpisodeSteps === undefined ? env : new TimeLimit(env, maxEpisodeSteps)
}

for (const builtIn of builtInEnvs) register(builtIn)
