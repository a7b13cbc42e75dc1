// The options of `distill` that a configuration stands for. Worker and program share them, so that both make one student.

import type { Config } from './config.ts'
import { selections, taskOf, withTemperature } from './tasks.ts'

/** The options of `distill` of a configuration: how labels are collected, and what all students share. */
export function optionsOf(config: Config) {
  const { target, temperature, divergence, hidden, updates, seed, labels, selection } = config
  const learning = {
    target: target === 'hard' ? 'policy' : target,
    ...(target === 'hard' && { divergence: 'hard' }),
    ...(target === 'policy' && divergence !== 'forward-kl' && { divergence }),
    ...(withTemperature.includes(target) &&
      !taskOf(config.env).continuous && { temperature: { relative: temperature } }),
    hidden,
    updates,
    seed,
  }
  return { learning, collecting: { labels, ...selections[selection].options } }
}
