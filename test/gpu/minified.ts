// Run by minified.test.ts, made small by a bundler: every kernel, in the mode of the first argument. Prints what ran and what
// failed, as JSON.

import { type GpuMode, openDevice } from '../../src/gpu/index.ts'
import { kernelChecks } from './checks/all.ts'
import { outcomesOf } from './checks/check.ts'

const gpu = await openDevice(process.argv[2] as GpuMode | undefined)
const outcomes = await outcomesOf(kernelChecks, gpu)
await gpu.close()
console.log(JSON.stringify({ mode: gpu.mode, outcomes }))
