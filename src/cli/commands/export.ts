// `alambic export <path> --to js|onnx|safetensors|c`: a trained agent for other programs.

import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { loadDataset } from '../../distill/dataset/dataset-files.ts'
import { type AgentLayers, agentLayers } from '../../export/agents.ts'
import { toC, weightBytes } from '../../export/c.ts'
import { type ActionBounds, countNumbers } from '../../export/dense-layers.ts'
import { actionOf, forwardDense } from '../../export/forward.ts'
import { forwardInt8, quantize } from '../../export/int8.ts'
import { canBeRounded, type JavaScriptModule, toJavaScript } from '../../export/javascript.ts'
import { toOnnx } from '../../export/onnx.ts'
import { playedStates } from '../../export/played-states.ts'
import { sequentialOf, toSafetensors } from '../../export/safetensors.ts'
import { describeStatements, treeToJavaScript } from '../../export/tree.ts'
import { formatCount, formatFixed, formatPercent } from '../../plot/format.ts'
import { registeredIds, spec } from '../../rl/envs/tasks/make.ts'
import { evaluatePolicy } from '../../rl/evaluate.ts'
import { DecisionTree } from '../../rl/policies/decision-tree.ts'
import { TablePolicy } from '../../tabular/algorithms.ts'
import { ValueError } from '../../tensor/errors.ts'
import { addLayerOptions, type LayerFlags, readAgent } from '../runs/agents.ts'
import { singleEnv } from '../runs/environments.ts'
import { DATASET } from '../runs/run-folder.ts'
import { importOption } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { choiceOption } from '../terminal/options.ts'
import { OutputFolder, readBytes, requireFree } from '../terminal/output-folder.ts'
import { asOne } from '../training/distill-sources.ts'

type Format = 'js' | 'onnx' | 'safetensors' | 'c'

interface ExportFlags extends LayerFlags {
  readonly to: Format
  readonly int8?: true
  readonly env?: string
  readonly out?: string
  readonly force?: true
}

/** File endings: the first is the usual one. */
const endings: Record<Format, readonly string[]> = {
  js: ['.js', '.mjs'],
  onnx: ['.onnx'],
  safetensors: ['.safetensors'],
  c: ['.h'],
}

/** States on which rounded weights are compared; they are kept only if no action changes. Also held out to compare int8. */
const STATES = 10_000

export function registerExport(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write a trained agent as a JavaScript module or a C header that needs nothing, as ONNX, or for PyTorch',
    )
    .argument(
      '<path...>',
      'the folder of a run or student, or the file of a network or tree; of several, their ensemble',
    )
    .addOption(choiceOption('--to <format>', 'what to write', Object.keys(endings)).makeOptionMandatory())
    .option(
      '--int8',
      'C with weights of 8 bits, calibrated on the dataset of a student or on play; prints what they lose',
    )
    .option('--out <file>', 'the file to write (default: beside what is exported)')
    .addOption(importOption())
    .option('--env <id>', 'where it acts, to try rounded or 8-bit weights there (default: as noted in the file)')
    .option('--force', 'replace the file if there is one')
  addLayerOptions(command).action(exportAgent)
}

function exportAgent(paths: readonly string[], flags: ExportFlags): void {
  const saved = paths.map((path) => readAgent(path, flags, flags.env))
  const env = flags.env === undefined ? saved[0]!.env : spec(flags.env).id
  const files = filesOf(paths, flags)
  if (flags.int8 && flags.to !== 'c') throw new UsageError(`--int8: expected --to c, given --to ${flags.to}`)
  const { contents, note } = exported(paths[0]!, asOne(saved), env, flags, basename(files[0]!, '.h'))
  const folder = OutputFolder.open(dirname(files[0]!))
  for (const [i, data] of contents.entries()) {
    const file = folder.write(basename(files[i]!), data)
    console.log(`${file}: ${formatCount(data.length)} bytes${i === 0 ? `, ${note}` : ''}`)
  }
}

/** Paths of the file and, for a module, of its types. Throws a UsageError if one exists. */
function filesOf(paths: readonly string[], { to, out, force }: ExportFlags): string[] {
  if (out === undefined && paths.length > 1)
    throw new UsageError('--out: an ensemble has no name of its own; give --out')
  const file = out ?? `${stemOf(paths[0]!)}${to === 'safetensors' ? '-pytorch' : ''}${endings[to][0]}`
  const ending = endings[to].find((each) => file.endsWith(each))
  if (ending === undefined) {
    throw new UsageError(`--out: expected a file name that ends in ${endings[to].join(' or ')}, given "${file}"`)
  }
  const types = `${file.slice(0, -ending.length)}.d${ending.replace('js', 'ts')}`
  const files = to === 'js' ? [file, types] : [file]
  requireFree(files, force)
  return files
}

function stemOf(path: string): string {
  const file = /\.(safetensors|json|zip|pth|pt|onnx)$/
  return statSync(path).isDirectory() ? join(path, basename(resolve(path))) : path.replace(file, '')
}

interface Exported {
  /** Contents of the file, or of a module and its types. */
  readonly contents: readonly (string | Uint8Array)[]
  readonly note: string
}

function exported(
  path: string,
  agent: object,
  env: string | undefined,
  { to, int8 }: ExportFlags,
  file: string,
): Exported {
  const title = env === undefined ? 'An agent' : `An agent for ${env}`
  const name = file.replace(/\W/g, '_').replace(/^\d/, '_$&')
  const statements = agent instanceof TablePolicy ? agent.table : agent instanceof DecisionTree ? agent : undefined
  if (statements !== undefined) {
    const kind = statements instanceof DecisionTree ? 'decision tree' : 'table'
    if (int8) throw new UsageError(`--int8: a ${kind} holds no weights; leave --int8 out`)
    if (to !== 'js' && to !== 'c') {
      throw new UsageError(`--to: a ${kind} can be exported as js or c only, given "${to}"`)
    }
    const { code, types } = treeToJavaScript(statements, title)
    return {
      contents: to === 'js' ? [code, types] : [toC(statements, { name, title })],
      note: describeStatements(statements),
    }
  }
  const outputs = layersOf(path, agent)
  const { layers, meaning, bounds } = outputs
  const parameters = `${formatCount(countNumbers(layers))} parameters`
  if (to === 'onnx') {
    return { contents: [toOnnx(layers, meaning, bounds)], note: `${parameters}: observations → ${meaning}` }
  }
  if (to === 'safetensors') {
    const limits = bounds && { bounds: JSON.stringify(bounds) }
    const notes = { ...(env !== undefined && { environment: env }), outputs: meaning, ...limits }
    return { contents: [toSafetensors(layers, notes)], note: `${parameters}, for ${sequentialOf(layers)}` }
  }
  if (to === 'c') {
    const { calibration, bytes } = int8 ? calibrated(path, outputs, env) : {}
    const float32 = `float32 weights of ${formatCount(weightBytes(layers))} bytes`
    const note = bytes === undefined ? float32 : `int8 weights of ${formatCount(bytes)} bytes in place of ${float32}`
    const code = toC(layers, { ...outputs, name, title, ...(calibration && { calibration }) })
    return { contents: [code], note: `${parameters}, ${note}` }
  }
  const module = toJavaScript(layers, { ...outputs, title, ...statesFor(outputs, env) })
  return { contents: [module.code, module.types], note: `${parameters}, ${bitsOf(module)}` }
}

function bitsOf({ exact, compared }: JavaScriptModule): string {
  if (!exact) return `rounded to 24 bits: the same action as before in all of ${formatCount(compared)} states`
  return compared === 0
    ? 'all bits of each'
    : `all bits of each, for rounding changed an action in ${formatCount(compared)} states`
}

function layersOf(path: string, agent: object): AgentLayers {
  try {
    return agentLayers(agent)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw new UsageError(`${error.message}. A student of it can be: alambic distill --teacher ${path}`)
  }
}

/** States to compare rounded weights on, if weights may be rounded and the environment is known. */
function statesFor({ layers, meaning }: AgentLayers, id: string | undefined): { states?: Float32Array } {
  if (id === undefined || !registeredIds().includes(id) || !canBeRounded(layers, meaning)) return {}
  return { states: playedStates(layers, singleEnv(id), STATES, 1) }
}

const EPISODES = 20

/**
 * Calibrates on the dataset of the student in the folder `path`, else on played states, and prints agreement and returns. Throws a
 * UsageError without an environment or without actions.
 */
export function calibrated(path: string, { layers, meaning, bounds }: AgentLayers, id: string | undefined) {
  if (meaning === 'stateValues') throw new UsageError('--int8: state values choose no action; leave --int8 out')
  if (id === undefined) throw new UsageError('--int8: no environment to calibrate in; give --env <id>')
  const file = join(path, DATASET)
  const labelled = existsSync(file) ? loadDataset(readBytes(file)).column('observations') : undefined
  const calibration = labelled ?? playedStates(layers, singleEnv(id), STATES, 1, bounds)
  const heldOut = playedStates(layers, singleEnv(id), STATES, 2, bounds)
  const int8 = quantize(layers, calibration)
  const policies = {
    float32: (observation: Float32Array) => actionOf(forwardDense(layers, observation), bounds),
    int8: (observation: Float32Array) => actionOf(forwardInt8(int8, observation), bounds),
  }
  const agreement = (states: Float32Array) => {
    const width = layers[0]!.inputs
    const rows = Array.from({ length: states.length / width }, (_, i) => states.subarray(i * width, (i + 1) * width))
    const same = rows.filter((row) => areClose(policies.float32(row), policies.int8(row), bounds))
    return `${formatPercent(same.length / rows.length, 2)} of ${formatCount(rows.length)}`
  }
  const returns = Object.entries(policies).map(([name, act]) => {
    const { mean } = evaluatePolicy<Float32Array, unknown>({ act }, () => singleEnv(id), { episodes: EPISODES })
    return `${name} ${formatFixed(mean)}`
  })
  const same = bounds === undefined ? 'the same action as float32' : 'within 1 % of the range of float32'
  console.log(`int8: ${same} in ${agreement(calibration)} ${labelled ? 'labelled' : 'played'} states of calibration`)
  console.log(`      and in ${agreement(heldOut)} other played states`)
  console.log(`mean return in ${id}, ${EPISODES} episodes: ${returns.join(', ')}`)
  return { calibration, bytes: weightBytes(int8) }
}

function areClose(a: number | Float32Array, b: number | Float32Array, bounds: ActionBounds | undefined): boolean {
  if (bounds === undefined) return a === b
  const { low, high } = bounds
  return (a as Float32Array).every((x, i) => Math.abs(x - (b as Float32Array)[i]!) <= 0.01 * (high[i]! - low[i]!))
}
