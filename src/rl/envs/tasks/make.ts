// Environments by id: `make('CartPole-v1')`. The registry applies the time limit of the id. To add an environment to alambic, write its
// file beside this one and give it a row at the end.

import { readOptions, wholeBetween } from '../../../data/options.ts'
import { nearestMatch, requireMethods, requireText, unknownName, ValueError } from '../../../tensor/errors.ts'
import type { AnyEnv, Env, EnvOptions, EnvSpec } from '../env.ts'
import { DiscretizeAction } from '../wrappers/action.ts'
import { TimeLimit } from '../wrappers/episode.ts'
import { Acrobot } from './acrobot.ts'
import { Bandit } from './bandit.ts'
import { Blackjack } from './blackjack.ts'
import { CartPole } from './cart-pole.ts'
import { CliffWalking } from './cliff-walking.ts'
import { Corridor } from './corridor.ts'
import { FrozenLake } from './frozen-lake.ts'
import { GridWorld, jumpingGrid } from './grid-world.ts'
import { MountainCar } from './mountain-car.ts'
import { MountainCarContinuous } from './mountain-car-continuous.ts'
import { Pendulum } from './pendulum.ts'
import { Taxi } from './taxi.ts'

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

const discretePendulumOptions = {
  torques: wholeBetween(5, 2, 1001, 'torques to choose from, evenly spaced from -2 to 2'),
}

function discretePendulum({ torques = 5, ...options }: EnvOptions, id: string): AnyEnv {
  const given = readOptions(id, discretePendulumOptions, { torques: torques as number })
  return new DiscretizeAction(new Pendulum(options), given.torques, id) as AnyEnv
}

const from =
  (Kind: new (options: EnvOptions, id: string) => unknown, own: EnvOptions = {}) =>
  (options: EnvOptions, id: string) =>
    new Kind({ ...own, ...options }, id) as AnyEnv

type Row = [
  id: string,
  create: EnvSpec['create'],
  ...Required<EnvSpec>['rewardRange'],
  steps?: number,
  threshold?: number,
]

// Ids, time limits and thresholds as in Gymnasium 1.4.0, which lacks PendulumDiscrete-v1. Reward ranges are those of actions inside their
// space: lowest and highest reward, steps, threshold.
const rows: Row[] = [
  ['CartPole-v0', from(CartPole), 1, 1, 200, 195],
  ['CartPole-v1', from(CartPole), 1, 1, 500, 475],
  ['MountainCar-v0', from(MountainCar), -1, -1, 200, -110],
  ['MountainCarContinuous-v0', from(MountainCarContinuous), -0.1, 100, 999, 90],
  ['Pendulum-v1', from(Pendulum), -16.274, 0, 200],
  ['PendulumDiscrete-v1', discretePendulum, -16.274, 0, 200],
  ['Acrobot-v1', from(Acrobot), -1, 0, 500, -100],
  ['FrozenLake-v1', from(FrozenLake), 0, 1, 100, 0.7],
  ['FrozenLake8x8-v1', from(FrozenLake, { mapName: '8x8' }), 0, 1, 200, 0.85],
  ['CliffWalking-v0', from(CliffWalking), -100, -1],
  ['CliffWalking-v1', from(CliffWalking), -100, -1],
  ['CliffWalkingSlippery-v1', from(CliffWalking, { isSlippery: true }), -100, -1],
  ['Taxi-v3', from(Taxi), -10, 20, 200, 8],
  ['Taxi-v4', from(Taxi), -10, 20, 200, 8],
  ['Blackjack-v1', from(Blackjack), -1, 1],
  ['Corridor-v0', from(Corridor), -1, -1, 100],
  ['Bandit-v0', from(Bandit), -Infinity, Infinity, 1000],
  ['GridWorld-v0', from(GridWorld), -1, -1, 100],
  ['GridWorldJumps-v0', from(GridWorld, { ...jumpingGrid }), -1, 10, 100],
]

export const builtInEnvs = rows.map(([id, create, low, high, steps, threshold]): EnvSpec => {
  const ends = { ...(steps && { maxEpisodeSteps: steps }), ...(threshold && { rewardThreshold: threshold }) }
  return { id, create, rewardRange: [low, high], ...ends }
})
for (const builtIn of builtInEnvs) register(builtIn)
