// Calibration of 8-bit weights and what they lose: the share of unchanged actions, and the mean return. It plays by the arithmetic of
// ../../export/int8.ts, whose bits are those of the C code.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadDataset } from '../../distill/dataset/dataset-files.ts'
import type { AgentLayers } from '../../export/agents.ts'
import { weightBytes } from '../../export/c.ts'
import type { ActionBounds } from '../../export/dense-layers.ts'
import { actionOf, forwardDense } from '../../export/forward.ts'
import { forwardInt8, quantize } from '../../export/int8.ts'
import { playedStates } from '../../export/played-states.ts'
import { formatCount, formatFixed, formatPercent } from '../../plot/format.ts'
import { evaluatePolicy } from '../../rl/evaluate.ts'
import { readBytes } from '../runs/agent-files.ts'
import { singleEnv } from '../runs/environments.ts'
import { DATASET } from '../runs/run-folder.ts'
import { UsageError } from '../terminal/failures.ts'

const STATES = 10_000
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
