/**
 * Taxi: fetch a passenger at one of four places of a small town and bring them to another.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | drive south |
 * | 1 | drive north |
 * | 2 | drive east |
 * | 3 | drive west |
 * | 4 | pick the passenger up |
 * | 5 | drop the passenger off |
 *
 * `info.actionMask` holds 1 for every action that changes the state: moves that no wall stops, the pick-up where the
 * passenger waits, the drop-off with the passenger aboard at any of the four places.
 *
 * With `isRainy` the taxi moves in the chosen direction with probability `rainyProbability` (default 0.8), otherwise to the left or
 * the right of it with equal probability; it stays if the cell ahead is blocked.
 *
 * ## Observations
 *
 * | observation | low | high |
 * | --- | --- | --- |
 * | ((taxi row × 5 + taxi column) × 5 + passenger) × 4 + destination | 0 | 499 |
 *
 * | number | place |
 * | --- | --- |
 * | 0 | R, red: row 0, column 0 |
 * | 1 | G, green: row 0, column 4 |
 * | 2 | Y, yellow: row 4, column 0 |
 * | 3 | B, blue: row 4, column 3 |
 * | 4 | in the taxi (passenger only) |
 *
 * ## Reward
 *
 * - the passenger is dropped off at the destination: 20
 * - a pick-up or drop-off that is not possible: -10
 * - any other step: -1
 *
 * ## Start
 *
 * - the state: uniform over the 300 in which the passenger waits at a place that is not the destination
 * - fickle passenger (`ficklePassenger`): with probability `fickleProbability` (0.3 by default) the destination changes: on the first move with them aboard, it becomes one of the other three
 *
 * ## End
 *
 * - terminated: the passenger is at the destination
 * - truncated: after 200 steps
 *
 * ## Source
 *
 * - task: Dietterich 2000, "Hierarchical reinforcement learning with the MAXQ value function decomposition", JAIR 13
 * - reference: Gymnasium 1.4.0, `Taxi-v4`; `Taxi-v3` of Gymnasium 1.2.3 is the same table where it does not rain
 */

import { flag, fraction, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Discrete } from '../../../data/spaces.ts'
import { ValueError } from '../../../tensor/errors.ts'
import type { Info } from '../env.ts'
import { deterministic, TabularEnv, type Transition, transitionTable } from './tabular.ts'

/** The town: `:` is open to the east and west, `|` a wall. */
export const TAXI_TOWN = ['|R: | : :G|', '| : | : : |', '| : : : : |', '| | : | : |', '|Y| : |B: |'] as const
/** Cells of the four places, row * 5 + column. */
export const TAXI_PLACES: readonly number[] = [0, 4, 20, 23]

const SIZE = 5
const ABOARD = 4
const NUM_STATES = 500
const ACTION_NAMES = ['south', 'north', 'east', 'west', 'pick up', 'drop off']
const [SOUTH, NORTH, EAST, WEST, PICK_UP] = [0, 1, 2, 3, 4]
const TO_THE_LEFT = [EAST, WEST, NORTH, SOUTH]
const TO_THE_RIGHT = [WEST, EAST, SOUTH, NORTH]

const taxiOptions = {
  isRainy: flag(false, 'the taxi may skid'),
  rainyProbability: fraction(0.8, 'probability of the intended move in the rain'),
  ficklePassenger: flag(false, 'the passenger may change the destination once, on the first move aboard'),
  fickleProbability: fraction(0.3, 'probability of that change'),
}

/** `taxi` is row * 5 + column; `passenger` a place, or 4 in the taxi. */
export function decodeTaxi(state: number) {
  return { taxi: Math.floor(state / 20), passenger: Math.floor(state / 4) % 5, destination: state % 4 }
}

/** With `ficklePassenger`, `state` has a second number: 1 until the destination has changed, 0 if it will not change. */
export class Taxi extends TabularEnv {
  readonly observationSpace = new Discrete(NUM_STATES)
  private readonly fickleProbability: number
  private willChangeDestination = false
  // One for each state: creating them in each step took half of its time.
  private readonly certainInfos: readonly Info[] = Array.from({ length: NUM_STATES }, (_, state) => ({
    probability: 1,
    actionMask: taxiActionMask(state),
  }))

  constructor(options: GivenOptions<typeof taxiOptions> = {}, id = 'Taxi-v4') {
    const o = readOptions(id, taxiOptions, options)
    const { isRainy, rainyProbability: straight } = o
    const chances = isRainy ? [straight, (1 - straight) / 2, (1 - straight) / 2] : [1]
    const outcomes = transitionTable(NUM_STATES, ACTION_NAMES.length, (state, action) =>
      action < PICK_UP ? drive(state, action, chances) : action === PICK_UP ? pickUp(state) : dropOff(state),
    )
    super({ id, actionNames: ACTION_NAMES, outcomes, starts: startStates() })
    this.fickleProbability = o.ficklePassenger ? o.fickleProbability : 0
  }

  protected override start(): void {
    super.start()
    this.willChangeDestination = this.fickleProbability > 0 && this.rng.uniform() < this.fickleProbability
  }

  protected override saveState(): readonly number[] {
    return this.fickleProbability > 0 ? [this.current, this.willChangeDestination ? 1 : 0] : [this.current]
  }

  /** The second number may be left out: the destination then does not change. */
  protected override restoreState(numbers: readonly number[]): void {
    const [state = Number.NaN, flag = 0, ...rest] = numbers
    const isFickle = this.fickleProbability > 0
    if (rest.length > 0 || !(isFickle ? flag === 0 || flag === 1 : numbers.length === 1)) {
      const expected = isFickle ? 'its number, and 1 or 0 for a fickle passenger' : 'one number'
      throw new ValueError(`${this.id}: a state is ${expected}; given [${numbers.join(', ')}]`)
    }
    super.restoreState([state])
    this.willChangeDestination = flag === 1
  }

  protected override describe(probability = 1): Info {
    return probability === 1 ? this.certainInfos[this.current]! : { ...this.certainInfos[this.current]!, probability }
  }

  protected override arrive(nextState: number): number {
    if (!this.willChangeDestination) return nextState
    const before = decodeTaxi(this.current)
    const now = decodeTaxi(nextState)
    if (before.passenger !== ABOARD || now.taxi === before.taxi) return nextState
    this.willChangeDestination = false
    const others = [0, 1, 2, 3].filter((place) => place !== before.destination)
    return encode(now.taxi, now.passenger, others[this.rng.integer(3)]!)
  }
}

/** 1 for the actions that change the state: [6]. */
export function taxiActionMask(state: number): Uint8Array {
  const { taxi, passenger } = decodeTaxi(state)
  const mask = new Uint8Array(ACTION_NAMES.length)
  for (let heading = 0; heading < PICK_UP; heading++) mask[heading] = ahead(taxi, heading) === taxi ? 0 : 1
  mask[4] = TAXI_PLACES[passenger] === taxi ? 1 : 0
  mask[5] = passenger === ABOARD && TAXI_PLACES.includes(taxi) ? 1 : 0
  return mask
}

function encode(taxi: number, passenger: number, destination: number): number {
  return (taxi * 5 + passenger) * 4 + destination
}

function startStates(): number[] {
  return Array.from({ length: NUM_STATES }, (_, state) => state).filter((state) => {
    const { passenger, destination } = decodeTaxi(state)
    return passenger !== ABOARD && passenger !== destination
  })
}

// The cell in a direction, or the same cell if a wall is between.
function ahead(taxi: number, heading: number): number {
  const row = Math.floor(taxi / SIZE)
  const column = taxi % SIZE
  if (heading === SOUTH) return row < SIZE - 1 ? taxi + SIZE : taxi
  if (heading === NORTH) return row > 0 ? taxi - SIZE : taxi
  const border = heading === EAST ? 2 * column + 2 : 2 * column
  if (TAXI_TOWN[row]![border] !== ':') return taxi
  return heading === EAST ? taxi + 1 : taxi - 1
}

function drive(state: number, heading: number, chances: readonly number[]): Transition[] {
  const { taxi, passenger, destination } = decodeTaxi(state)
  const straight = ahead(taxi, heading)
  const cells = [straight, ahead(taxi, TO_THE_LEFT[heading]!), ahead(taxi, TO_THE_RIGHT[heading]!)]
  return chances.map((probability, i) => ({
    probability,
    nextState: encode(straight === taxi ? taxi : cells[i]!, passenger, destination),
    reward: -1,
    terminated: false,
  }))
}

function pickUp(state: number): readonly Transition[] {
  const { taxi, passenger, destination } = decodeTaxi(state)
  return TAXI_PLACES[passenger] === taxi
    ? deterministic(encode(taxi, ABOARD, destination), -1)
    : deterministic(state, -10)
}

function dropOff(state: number): readonly Transition[] {
  const { taxi, passenger, destination } = decodeTaxi(state)
  const place = TAXI_PLACES.indexOf(taxi)
  if (passenger !== ABOARD || place < 0) return deterministic(state, -10)
  const arrived = place === destination
  return deterministic(encode(taxi, place, destination), arrived ? 20 : -1, arrived)
}
