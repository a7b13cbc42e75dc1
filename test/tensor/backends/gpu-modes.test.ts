// Which GPU openDevice() takes, and what is said where there is none.

import { expect, it } from 'vitest'
import { type AbsentMode, best, findMode, findModes, type OpenMode } from '../../../src/gpu/devices/modes.ts'
import { devices, openDevice, toDevice } from '../../../src/gpu/index.ts'
import { tensor } from '../../../src/tensor/ops/create.ts'

const software: OpenMode = { mode: 'webgpu', adapter: 'llvmpipe', hardware: 'software' }
const card: OpenMode = { mode: 'headlessgl', adapter: 'Card X', hardware: 'hardware' }
const standIn: OpenMode = { mode: 'webasm', adapter: "gpu.js's WebAssembly", hardware: 'none' }
const absent: AbsentMode = { mode: 'webgpu', install: 'a Vulkan driver' }

it('takes a graphics card before a software adapter, whatever the mode', () => {
  expect(best([software, card, standIn])).toBe(card)
  expect(best([software, { ...software, mode: 'headlessgl' }, standIn])).toBe(software)
})

it('never takes a stand-in: without a GPU it says what to install, and how to ask for a stand-in', () => {
  expect(() => best([absent, standIn])).toThrow(
    /this machine has no GPU that can be used. WebGPU needs a Vulkan driver.+openDevice\('webasm'\)/,
  )
})

it('knows every mode, present with its adapter or absent with what it needs', async () => {
  const modes = await findModes()
  expect(modes.map(({ mode }) => mode)).toEqual(['webgpu', 'wgsl', 'webgl2', 'headlessgl', 'webasm', 'cpu'])
  for (const each of modes) expect('adapter' in each ? each.adapter : each.install).not.toBe('')
  await expect(findMode('webgl2')).rejects.toThrow('is not available on this machine; it needs a browser with WebGL2')
  await expect(findMode('webgl3' as 'webgl2')).rejects.toThrow('Did you mean "webgl2"')
})

it('lists the CPU and every mode', async () => {
  const all = await devices()
  expect(all.map(({ device, mode }) => `${device} ${mode}`)).toEqual([
    ...['cpu wasm', 'gpu webgpu', 'gpu wgsl', 'gpu webgl2', 'gpu headlessgl', 'gpu webasm', 'gpu cpu'],
  ])
  expect(all.find(({ mode }) => mode === 'webgl2')).toMatchObject({
    available: false,
    hardware: 'none',
    adapter: 'absent; needs a browser with WebGL2',
  })
})

it('opens a stand-in by name, and says that no GPU is behind it', async () => {
  const gpu = await openDevice('webasm')
  expect(gpu).toMatchObject({ device: 'gpu', mode: 'webasm', hardware: 'none' })
  await gpu.close()
  expect(() => toDevice(tensor(1), 'tpu' as 'gpu')).toThrow('unknown device "tpu"; known are cpu, gpu')
})
