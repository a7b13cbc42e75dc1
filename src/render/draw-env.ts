// The scene of an environment's current state. An environment outside this library is drawn by its method `draw(): Scene`.
// Read next: classic-control.ts for pictures, scene.ts for what pictures are made of.

import type { AnyEnv } from '../rl/envs/env.ts'
import { Acrobot } from '../rl/envs/tasks/acrobot.ts'
import { Bandit } from '../rl/envs/tasks/bandit.ts'
import { Blackjack } from '../rl/envs/tasks/blackjack.ts'
import { CartPole } from '../rl/envs/tasks/cart-pole.ts'
import { CliffWalking } from '../rl/envs/tasks/cliff-walking.ts'
import { Corridor } from '../rl/envs/tasks/corridor.ts'
import { FrozenLake } from '../rl/envs/tasks/frozen-lake.ts'
import { GridWorld } from '../rl/envs/tasks/grid-world.ts'
import { MountainCar } from '../rl/envs/tasks/mountain-car.ts'
import { MountainCarContinuous } from '../rl/envs/tasks/mountain-car-continuous.ts'
import { Pendulum } from '../rl/envs/tasks/pendulum.ts'
import { Taxi } from '../rl/envs/tasks/taxi.ts'
import { requireMethods, ValueError } from '../tensor/errors.ts'
import { drawAcrobot, drawCartPole, drawMountainCar, drawPendulum } from './classic-control.ts'
import { drawBandit, drawBlackjack } from './games.ts'
import { drawCliffWalking, drawCorridor, drawFrozenLake, drawGridWorld, drawTaxi } from './grids.ts'
import type { Scene } from './scene.ts'

/** The scene of the innermost environment. Reset it first. Throws a `ValueError` if its class has no drawing. */
export function drawEnv(env: AnyEnv): Scene {
  requireMethods('drawEnv: the environment', env, ['reset', 'step'], 'one that make(…) returns')
  const inner = env.unwrapped
  const { state } = inner
  const { draw } = inner as { draw?: unknown }
  if (typeof draw === 'function') return draw.call(inner) as Scene
  if (inner instanceof CartPole) return drawCartPole(state)
  if (inner instanceof MountainCar) return drawMountainCar(state)
  if (inner instanceof MountainCarContinuous) return drawMountainCar(state, 0.45)
  if (inner instanceof Pendulum) return drawPendulum(state)
  if (inner instanceof Acrobot) return drawAcrobot(state)
  if (inner instanceof FrozenLake) return drawFrozenLake(inner.map, state[0]!)
  if (inner instanceof CliffWalking) return drawCliffWalking(state[0]!)
  if (inner instanceof Taxi) return drawTaxi(state[0]!)
  if (inner instanceof Blackjack) return drawBlackjack(inner.dealer, inner.player, inner.inProgress)
  if (inner instanceof Corridor) return drawCorridor(inner.numStates, state[0]!)
  if (inner instanceof Bandit) return drawBandit(state, inner.lastPull)
  if (inner instanceof GridWorld) return drawGridWorld(inner.map, inner.jumps, state[0]!)
  throw new ValueError(`drawEnv: there is no picture of ${inner.id}; give the environment a method draw(): Scene`)
}
