// `npm run study -- few-labels-teachers`: trains the teachers that have no files yet, and prints the figures of all.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countParameters, saveParameters } from 'alambic/nn'
import { formatCount, formatFixed, formatTable } from 'alambic/plot'
import type { Command } from 'commander'
import { writeJson, writeWhole } from '../../lib/files.ts'
import { namesOption, outOption } from '../../lib/options.ts'
import { startProgress } from '../../lib/progress.ts'
import { stopwatch } from '../../lib/stopwatch.ts'
import { play, randomReturn, startSeeds, taskOf } from '../tasks.ts'
import { readStableBaselines, TEACHERS, type TeacherFigures } from '../teachers.ts'
import { type Recipe, recipes } from './recipes.ts'
import { type Trained, trainTeacher } from './train.ts'

export function registerFewLabelsTeachers(study: Command): void {
  const names = recipes.map(({ name }) => name)
  study
    .command('few-labels-teachers')
    .description('train the teachers of the few-labels study that have no files yet')
    .addOption(namesOption('--names', 'these teachers alone', names))
    .addOption(outOption(TEACHERS))
    .action((flags: { readonly names?: readonly string[]; readonly out: string }) => {
      const own = recipes.filter(({ name }) => flags.names?.includes(name) ?? true)
      const rows = own.map((recipe) => {
        const path = join(flags.out, `${recipe.name}.json`)
        if (!existsSync(path)) train(recipe, flags.out)
        const { name, algorithm, seed, steps, parameters, mean, random } = read(path)
        return [
          ...[name, algorithm, String(seed), formatCount(steps), formatCount(parameters)],
          ...[formatFixed(mean), formatFixed(random)],
        ]
      })
      const head = ['teacher', 'algorithm', 'seed', 'env steps', 'parameters', 'mean return', 'random']
      console.log(formatTable(head, rows))
    })
}

function train(recipe: Recipe, out: string): void {
  const elapsed = stopwatch()
  const progress = startProgress(recipe.name, recipe.options.totalTimesteps, 'steps')
  const show = (step: number, best: number) => progress.update(step, `best ${formatFixed(best)}`)
  const { agent, ...trained } = recipe.file === undefined ? trainTeacher(recipe, show) : foreign(recipe, recipe.file)
  const { name, task: taskName, role, algorithm, numEnvs, options, file } = recipe
  const task = taskOf(taskName)
  const { mean } = play(agent, task, startSeeds.evaluation)
  const figures: TeacherFigures = {
    ...{ name, task: taskName, role, algorithm, numEnvs, options, ...(file !== undefined && { file }), ...trained },
    ...{ parameters: countParameters(agent), mean, random: randomReturn(task) },
    cpuSeconds: Math.round(elapsed().cpuSeconds),
  }
  if (file === undefined) {
    writeWhole(join(out, `${name}.safetensors`), saveParameters(agent, { algorithm, environment: task.env, role }))
  }
  writeJson(join(out, `${name}.json`), figures)
  progress.finish(`${formatFixed(mean)} after ${formatCount(trained.steps)} steps`)
}

function foreign({ task, seed }: Recipe, file: string): Trained {
  const { agent, steps } = readStableBaselines(file)
  const judged = play(agent, taskOf(task), startSeeds.judgement).mean
  const validation = play(agent, taskOf(task), startSeeds.validation).mean
  return { agent, seed, steps, trainedSteps: steps, validation, judged }
}

function read(path: string): TeacherFigures {
  return JSON.parse(readFileSync(path, 'utf8')) as TeacherFigures
}
