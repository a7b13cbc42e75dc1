// `alambic envs` and `alambic algorithms`: what there is, as a table or as JSON.

import type { Command } from 'commander'
import { formatTable } from '../../plot/html.ts'
import { make, registeredIds, spec } from '../../rl/envs/tasks/make.ts'
import { presets } from '../../rl/presets.ts'
import { knownAlgorithms, offlineAlgorithms } from '../runs/known-algorithms.ts'
import { importOption } from '../runs/user-modules.ts'

export function registerList(program: Command): void {
  const add = (name: string, about: string, list: () => readonly object[], toRow: (entry: never) => string[]) =>
    program
      .command(name)
      .description(about)
      .option('--json', 'print a JSON array')
      .addOption(importOption())
      .action(({ json }: { readonly json?: true }) => {
        const entries = list()
        if (json === true) return console.log(JSON.stringify(entries, undefined, 2))
        console.log(formatTable(Object.keys(entries[0]!), (entries as never[]).map(toRow)))
      })
  add(
    'envs',
    'list the environments: spaces, rewards of a step, time limit, the mean return from which they count as solved, presets',
    environments,
    rowOf,
  )
  add('algorithms', 'list the algorithms: the kinds of actions that they take, presets', algorithms, rowOf)
}

function environments() {
  return registeredIds().map((id) => {
    const { maxEpisodeSteps = null, rewardThreshold = null, rewardRange = null } = spec(id)
    const env = make<unknown, unknown>(id)
    return {
      id,
      observationSpace: String(env.observationSpace),
      actionSpace: String(env.actionSpace),
      rewardRange,
      maxEpisodeSteps,
      rewardThreshold,
      presets: presets.filter((each) => each.env === id).map(({ name }) => name),
    }
  })
}

function algorithms() {
  return [...knownAlgorithms(), ...offlineAlgorithms].map(({ name, about, actions }) => ({
    name,
    actions,
    presets: presets.filter((each) => each.algorithm === name).map((each) => each.name),
    about,
  }))
}

function rowOf(entry: Readonly<Record<string, unknown>>): string[] {
  return Object.values(entry).map((value) => {
    if (Array.isArray(value)) return value.join(', ') || '–'
    // Bounds are those of float32; four digits are enough to read.
    return String(value ?? '–').replace(/-?\d+\.\d{5,}/g, (digits) => String(Number(Number(digits).toPrecision(4))))
  })
}
