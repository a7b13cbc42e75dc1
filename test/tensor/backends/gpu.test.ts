// The GPU backend's kernels without a GPU: in gpu.js's `cpu` mode, which runs them as plain JavaScript. The same checks run on
// real adapters in test/gpu and test/browser.

import { afterAll, describe, expect, it } from 'vitest'
import { openDevice } from '../../../src/gpu/device.ts'
import { compilingChecks } from '../../gpu/checks/compiling.ts'
import { errorChecks } from '../../gpu/checks/errors.ts'
import { layerChecks } from '../../gpu/checks/layers.ts'
import { matmulChecks } from '../../gpu/checks/matmul.ts'
import { notFiniteChecks } from '../../gpu/checks/not-finite.ts'
import { gradientChecks } from '../../gpu/checks/operations.ts'
import { parityChecks } from '../../gpu/checks/parity.ts'
import { trainingChecks } from '../../gpu/checks/training.ts'

const checks = [
  ...matmulChecks,
  ...parityChecks(8),
  ...notFiniteChecks,
  ...gradientChecks(3),
  ...layerChecks,
  ...trainingChecks,
  ...compilingChecks,
  ...errorChecks,
]

const gpu = await openDevice('cpu')
afterAll(() => gpu.close())

describe("the GPU backend in gpu.js's cpu mode", () => {
  it('says that there is no GPU behind it', () => {
    expect(gpu).toMatchObject({ device: 'gpu', mode: 'cpu', hardware: 'none' })
  })

  it.each(checks.map((check) => [check.name, check] as const))('%s', (_, check) => check.run(gpu))
})
