// What the test page runs: the checks of the GPU backend, in the browser that opens it. Bundled by chromium.ts, unminified,
// because kernels are read from their source.

import { type DeviceInfo, device, devices, type GpuMode } from '../../src/tensor/device.ts'
import { allChecks } from '../gpu/checks/all.ts'
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
  run(mode: GpuMode): Promise<PageReport>
  shortDemo(seed: number): RunDigest
}

const page: TestPage = {
  devices,
  shortDemo,
  async run(mode) {
    const gpu = await device('gpu', mode)
    const outcomes = await outcomesOf(allChecks, gpu)
    await gpu.close()
    return { mode: gpu.mode, adapter: gpu.adapter, hardware: gpu.hardware, outcomes }
  },
}

Object.assign(globalThis, { page })
