// The settings of a random search (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization"): `--vary` names an option
// and the values it may take. Ranges and kinds come from the option tables of the algorithms.

import type { Option } from 'commander'
import type { OptionTable, Option as ValueOption } from '../../data/options.ts'
import { unknownName } from '../../tensor/errors.ts'
import { exp, log } from '../../tensor/portable-math.ts'
import { Rng } from '../../tensor/random.ts'
import { UsageError } from '../terminal/failures.ts'
import { flagOf, parsed, recordOption, type Settings } from '../terminal/options.ts'

type Draw = (rng: Rng) => unknown

/** How to draw each varied option, by its name in code. */
export type SearchSpace = Readonly<Record<string, Draw>>

export function varyOption(options: OptionTable): Option {
  const about =
    'vary an option: learning-rate=1e-4:1e-2:log (a range, uniform in the logarithm), gamma=0.9:0.999 (a range), ' +
    'num-steps=16,32,64 (values; lists are separated by /), or its name alone (all values, its range, or a tenth to ten times the default); ' +
    'may be repeated'
  return recordOption('--vary <option=values>', about, (text) => parseVary(options, text))
}

/** `learning-rate=1e-4:1e-2:log`, `num-steps=16,32` or `dueling`. Throws a UsageError on unknown options and values out of range. */
export function parseVary(options: OptionTable, text: string): SearchSpace {
  const [, given = '', values] = /^([^=]*)(?:=(.*))?$/s.exec(text)!
  const names = Object.keys(options).filter((name) => name !== 'seed')
  const name = names.find((each) => each === given || flagOf(each) === `--${given}`)
  if (name === undefined) {
    const flags = names.map((each) => flagOf(each).slice(2))
    throw new UsageError(`--vary: ${unknownName('option', given, flags)}`)
  }
  const option = options[name]!
  return { [name]: values === undefined ? drawAny(given, option) : drawFrom(`--vary ${given}`, option, values) }
}

function drawFrom(where: string, option: ValueOption<unknown>, text: string): Draw {
  const [low, high, scale, ...rest] = text.split(':')
  if (high === undefined) {
    const choices = text.split(Array.isArray(option.value) ? '/' : ',').map((each) => parsed(where, option, each))
    return (rng) => choices[rng.integer(choices.length)]
  }
  const [least, greatest] = [low!, high].map((each) => parsed(where, option, each))
  const isLog = scale === 'log'
  if (typeof least === 'number' && typeof greatest === 'number' && least < greatest && Number.isFinite(greatest)) {
    const isScale = scale === undefined || (isLog && least > 0)
    if (isScale && rest.length === 0) return drawBetween(option, [least, greatest], isLog)
  }
  throw new UsageError(
    `${where}: expected low:high or low:high:log with low < high (and above 0 for log), given "${text}"`,
  )
}

/** Draws from the values or the range of the option literal; without one from a tenth to ten times the default. */
function drawAny(given: string, option: ValueOption<unknown>): Draw {
  const { values, range, value } = option
  if (values !== undefined) return (rng) => values[rng.integer(values.length)]
  if (range !== undefined) return drawBetween(option, range, false)
  if (typeof value === 'number' && value > 0 && value < Infinity)
    return drawBetween(option, [value / 10, value * 10], true)
  throw new UsageError(`--vary ${given}: the option has no range; give its values after = (${option.allowed})`)
}

/** Four significant digits, so that the command line that trains a trial again is short. Whole for options of whole numbers. */
function drawBetween(option: ValueOption<unknown>, [low, high]: readonly [number, number], isLog: boolean): Draw {
  const isWhole = !option.accepts(low + (high - low) / Math.SQRT2)
  return (rng) => {
    const drawn = isLog ? exp(rng.uniform(log(low), log(high))) : rng.uniform(low, high)
    const rounded = isWhole ? Math.round(drawn) : Number(drawn.toPrecision(4))
    return Math.min(Math.max(rounded, isWhole ? Math.ceil(low) : low), high)
  }
}

const ATTEMPTS = 1000

/**
 * Different settings, a function of the space and the seed: more trials begin with the same ones. Throws a UsageError if the space has
 * fewer.
 */
export function drawTrials(space: SearchSpace, trials: number, seed: number): Settings[] {
  const rng = new Rng(seed)
  const drawn = new Map<string, Settings>()
  for (let attempt = 0; drawn.size < trials; attempt++) {
    if (attempt === ATTEMPTS * trials) {
      throw new UsageError(
        `--trials: expected at most ${drawn.size}, the number of different settings, given ${trials}`,
      )
    }
    const settings = Object.fromEntries(Object.entries(space).map(([name, draw]) => [name, draw(rng)]))
    const key = JSON.stringify(settings)
    if (!drawn.has(key)) drawn.set(key, settings)
  }
  return [...drawn.values()]
}
