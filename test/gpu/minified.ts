// Run by minified.test.ts, made small by a bundler: every kernel once, in the mode of the first argument. Prints what ran and
// what failed, as JSON.

import { device, type GpuMode } from '../../src/tensor/device.ts'
import { outcomesOf } from './checks/check.ts'
import { compilingChecks } from './checks/compiling.ts'
import { matmulChecks } from './checks/matmul.ts'
import { notFiniteChecks } from './checks/not-finite.ts'
import { parityChecks } from './checks/parity.ts'
import { trainingChecks } from './checks/training.ts'

const checks = [...matmulChecks, ...parityChecks(2), ...notFiniteChecks, ...trainingChecks, ...compilingChecks]
const gpu = await device('gpu', process.argv[2] as GpuMode | undefined)
const outcomes = await outcomesOf(checks, gpu)
await gpu.close()
console.log(JSON.stringify({ mode: gpu.mode, adapter: gpu.adapter, hardware: gpu.hardware, outcomes }))
