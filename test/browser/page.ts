// What the test page runs: the checks of the GPU backend, in the browser that opens it. Bundled by chromium.ts.

import { type DeviceInfo, devices, type GpuMode, openDevice } from '../../src/gpu/index.ts'
import { allChecks, kernelChecks } from '../gpu/checks/all.ts'
import { type Outcome, outcomesOf } from '../gpu/checks/check.ts'
import { type RunDigest, shortDemo } from './same-run.ts'

export interface PageReport {
  readonly mode: string
  readonly adapter: string
  readonly hardware: string
  readonly outcomes: readonly Outcome[]
}

export interface TestPage {
  devices(): Promise<DeviceInfo[]>
  run(mode: GpuMode, checks: 'all' | 'kernels'): Promise<PageReport>
  shortDemo(seed: number): RunDigest
}

const page: TestPage = {
  devices,
  shortDemo,
  async run(mode, checks) {
    const gpu = await openDevice(mode)
    const outcomes = await outcomesOf(checks === 'all' ? allChecks : kernelChecks, gpu)
    await gpu.close()
    return { mode: gpu.mode, adapter: gpu.adapter, hardware: gpu.hardware, outcomes }
  },
}

Object.assign(globalThis, { page })
