// Catch: a ball falls through a grid of ten rows and five columns; move the paddle under it (Mnih et al. 2014, arXiv:1406.6247).
// npx alambic train ppo --import examples/own-environment/catch.ts --env Catch-v0 --steps 30000 --learning-rate 3e-3 --name catch

import type { Scene } from 'alambic/render'
import { Box, Discrete, EpisodicEnv, type Outcome, register } from 'alambic/rl'

const ROWS = 10
const COLUMNS = 5

/**
 * Actions: 0 left, 1 stay, 2 right. Observation: the ball's row and column and the paddle's column, each from 0 to 1.
 * Reward on the last row, where the episode ends: 1 for a catch, -1 for a miss.
 */
export class Catch extends EpisodicEnv {
  readonly id = 'Catch-v0'
  readonly observationSpace = new Box([0, 0, 0], [1, 1, 1])
  readonly actionSpace = new Discrete(3)
  private row = 0
  private ball = 0
  private paddle = 0

  protected start(): void {
    this.row = 0
    this.ball = this.rng.integer(COLUMNS)
    this.paddle = this.rng.integer(COLUMNS)
  }

  protected advance(action: number): Outcome {
    this.row += 1
    this.paddle = Math.max(0, Math.min(COLUMNS - 1, this.paddle + action - 1))
    const terminated = this.row === ROWS - 1
    return { reward: terminated ? (this.ball === this.paddle ? 1 : -1) : 0, terminated }
  }

  protected observe(): Float32Array {
    return Float32Array.of(this.row / (ROWS - 1), this.ball / (COLUMNS - 1), this.paddle / (COLUMNS - 1))
  }

  protected saveState(): readonly number[] {
    return [this.row, this.ball, this.paddle]
  }

  protected restoreState([row = 0, ball = 0, paddle = 0]: readonly number[]): void {
    Object.assign(this, { row, ball, paddle })
  }

  /** For `alambic watch` and `alambic record`. */
  draw(): Scene {
    const cell = (row: number, column: number, fill: `#${string}`) =>
      ({ kind: 'rect', x: 40 * column, y: 40 * row, width: 40, height: 40, fill }) as const
    const shapes = [cell(this.row, this.ball, '#c0392b'), cell(ROWS - 1, this.paddle, '#2c3e50')]
    return { width: 40 * COLUMNS, height: 40 * ROWS, background: '#ffffff', shapes }
  }
}

register({ id: 'Catch-v0', create: () => new Catch(), rewardThreshold: 0.9, rewardRange: [-1, 1] })
