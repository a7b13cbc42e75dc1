import { Box, Discrete, EpisodicEnv, type Outcome, type Space } from '../../src/rl/index.ts'

/** Side of the board, and its channels: the player, the goal, walls, the time. */
const [SIDE, CHANNELS] = [10, 4]

/** A player on a board of bytes walks to a goal in the bottom row. `Action` is a step to one of the sides, or a force. */
abstract class Board<Action> extends EpisodicEnv<Float32Array, Action> {
  readonly observationSpace = new Box(0, 1, [SIDE, SIDE, CHANNELS], 'uint8')
  private player = 0
  private goal = 0
  private time = 0

  protected start(): void {
    this.player = this.rng.integer(SIDE)
    this.goal = this.rng.integer(SIDE)
    this.time = 0
  }

  protected move(step: number): Outcome {
    this.player = Math.min(Math.max(this.player + step, 0), SIDE - 1)
    this.time++
    const isThere = this.player === this.goal
    return { reward: isThere ? 1 : -0.1, terminated: isThere || this.time === 20 }
  }

  protected observe(): Float32Array {
    const board = new Float32Array(SIDE * SIDE * CHANNELS)
    const at = (row: number, column: number, channel: number) => (row * SIDE + column) * CHANNELS + channel
    board[at(SIDE - 1, this.player, 0)] = 1
    board[at(SIDE - 1, this.goal, 1)] = 1
    for (let i = 0; i < SIDE; i++) board[at(0, i, 2)] = 1
    board[at(Math.min(this.time, SIDE - 1), 0, 3)] = 1
    return board
  }

  protected saveState(): readonly number[] {
    return [this.player, this.goal, this.time]
  }

  protected restoreState([player = 0, goal = 0, time = 0]: readonly number[]): void {
    Object.assign(this, { player, goal, time })
  }
}

/** Actions 0, 1, 2: to the left, stay, to the right. */
export class BoardEnv extends Board<number> {
  readonly id = 'Board-v0'
  readonly actionSpace: Space<number> = new Discrete(3)

  protected advance(action: number): Outcome {
    return this.move(action - 1)
  }
}

/** The action is a force: below -1/3 to the left, above 1/3 to the right. */
export class ForcedBoardEnv extends Board<Float32Array> {
  readonly id = 'ForcedBoard-v0'
  readonly actionSpace = new Box(-1, 1, [1])

  protected advance([force = 0]: Float32Array): Outcome {
    return this.move(Math.abs(force) < 1 / 3 ? 0 : Math.sign(force))
  }
}
