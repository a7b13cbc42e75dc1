// The scene of an environment's current state. An environment outside this library is drawn by its method `draw(): Scene`.
// Read next: poles.ts for pictures, scene.ts for what pictures are made of.

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
import { drawBandit } from './bandit.ts'
import { drawBlackjack } from './blackjack.ts'
import { drawCliffWalking, drawFrozenLake, drawGridWorld } from './mazes.ts'
import { drawMountainCar } from './mountain-car.ts'
import { drawAcrobot, drawCartPole, drawPendulum } from './poles.ts'
import type { Scene } from './scene.ts'
import { drawTaxi } from './taxi.ts'
import { drawCorridor } from './tiles.ts'

/** An environment that draws itself. */
interface Drawable {
  draw(): Scene
}

/** The scene of the innermost environment. Reset it first. Throws a `ValueError` if its class has no drawing. */
export function drawEnv(env: AnyEnv): Scene {
  requireMethods('drawEnv: the environment', env, ['reset', 'step'], 'one that make(…) returns')
  const inner = env.unwrapped
  const { state } = inner
  if (isDrawable(inner)) return inner.draw()
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

function isDrawable(env: object): env is Drawable {
  return 'draw' in env && typeof env.draw === 'function'
}
