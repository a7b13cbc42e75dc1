// Detects where kernels can run on this machine: the available modes with their adapters, and what to install for the others.

import { DeviceError, unknownName } from '../../tensor/errors.ts'
import { type GpuJs, type GpuMode, INSTALL, loadGpuJs } from './gpu-js.ts'
import { findWebGpu, keepAlive } from './webgpu-node.ts'

/** A graphics card, a program that emulates one, or gpu.js without either. */
export type Hardware = 'hardware' | 'software' | 'none'

export interface OpenMode {
  readonly mode: GpuMode
  /** The driver's name. */
  readonly adapter: string
  readonly hardware: Hardware
}

/** An absent mode, and what to install for it. */
export interface AbsentMode {
  readonly mode: GpuMode
  readonly install: string
}

// Names of software adapters, whose timings are not those of a GPU.
const SOFTWARE = /llvmpipe|lavapipe|swiftshader|software|basic render|warp/i

const inBrowser = typeof document !== 'undefined' || typeof WorkerGlobalScope !== 'undefined'
declare const WorkerGlobalScope: unknown

type Finder = (gpuJs: GpuJs) => OpenMode | AbsentMode | Promise<OpenMode | AbsentMode>

const finders: Readonly<Record<Exclude<GpuMode, 'webgpu' | 'wgsl'>, Finder>> = {
  webgl2: findWebGl2,
  headlessgl: findHeadlessGl,
  webasm: ({ GPU }) =>
    GPU.isWebAssemblySupported
      ? { mode: 'webasm', adapter: "gpu.js's WebAssembly, on the CPU", hardware: 'none' }
      : { mode: 'webasm', install: 'a JavaScript engine with WebAssembly' },
  cpu: () => ({ mode: 'cpu', adapter: "gpu.js's plain JavaScript, on the CPU", hardware: 'none' }),
}

const names: readonly GpuMode[] = ['webgpu', 'wgsl', 'webgl2', 'headlessgl', 'webasm', 'cpu']

/** All modes in order of preference, each with its adapter or what to install. */
export async function findModes(): Promise<(OpenMode | AbsentMode)[]> {
  const webgpu = await findAdapter()
  const found: (OpenMode | AbsentMode)[] = []
  for (const name of names) found.push(await find(name, webgpu))
  return found
}

/** `webgpu`: what `findAdapter` has found, if it is known. */
async function find(mode: GpuMode, webgpu?: FoundAdapter): Promise<OpenMode | AbsentMode> {
  if (mode === 'wgsl') return { mode, ...(webgpu ?? (await findAdapter())) }
  const gpuJs = await loadGpuJs()
  if (gpuJs === null) return { mode, install: `two packages: ${INSTALL}` }
  if (mode === 'webgpu') return { mode, ...(webgpu ?? (await findAdapter())) }
  return finders[mode](gpuJs)
}

/** A mode by name; by default the best GPU. Throws a DeviceError that names what to install. */
export async function findMode(wanted?: GpuMode): Promise<OpenMode> {
  if (wanted === undefined) return best(await findModes())
  if (!names.includes(wanted)) throw new DeviceError(`gpu: ${unknownName('mode', String(wanted), names)}`)
  const found = await find(wanted) // loads nothing for the other modes
  if ('adapter' in found) return found
  const present = (await findModes()).filter((each) => 'adapter' in each)
  throw new DeviceError(
    `gpu: the mode ${wanted} is not available on this machine; it needs ${found.install}. ` +
      `Available are ${present.map(({ mode }) => mode).join(', ') || 'none'}`,
  )
}

/** The first graphics card, else the first software adapter. Throws a DeviceError that names what to install. */
export function best(modes: readonly (OpenMode | AbsentMode)[]): OpenMode {
  const present = modes.filter((each) => 'adapter' in each)
  const chosen =
    present.find(({ hardware }) => hardware === 'hardware') ?? present.find(({ hardware }) => hardware === 'software')
  if (chosen !== undefined) return chosen
  const [webgpu] = modes as readonly AbsentMode[]
  throw new DeviceError(
    `gpu: this machine has no GPU that can be used. WebGPU needs ${webgpu!.install}. ` +
      `gpu.js can emulate one: openDevice('webasm') or openDevice('cpu')`,
  )
}

type FoundAdapter = Omit<OpenMode, 'mode'> | Omit<AbsentMode, 'mode'>

async function findAdapter(): Promise<FoundAdapter> {
  const webgpu = await findWebGpu()
  const install = inBrowser
    ? 'a browser with WebGPU, over https or localhost'
    : webgpu === null
      ? 'the package webgpu in a build for this platform: npm install webgpu'
      : 'a Vulkan driver (Debian and Ubuntu: the one of your card, or mesa-vulkan-drivers for a software adapter)'
  const asked = webgpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)
  const adapter = asked === undefined ? null : await keepAlive(asked)
  if (adapter === null) return { install }
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info
  const name = [device, description].filter((part) => part !== '').join(', ') || [vendor, architecture].join(' ').trim()
  const software = isFallbackAdapter || SOFTWARE.test(name + architecture)
  return { adapter: name || 'unnamed adapter', hardware: software ? 'software' : 'hardware' }
}

function findWebGl2({ GPU }: GpuJs): OpenMode | AbsentMode {
  const install = 'a browser with WebGL2'
  if (!inBrowser || !GPU.isWebGL2Supported) return { mode: 'webgl2', install }
  const canvas = typeof document === 'undefined' ? new OffscreenCanvas(1, 1) : document.createElement('canvas')
  const gl = canvas.getContext('webgl2') as WebGL2RenderingContext | null
  if (gl === null) return { mode: 'webgl2', install }
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info')
  const adapter = String(gl.getParameter(unmasked?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return { mode: 'webgl2', adapter, hardware: SOFTWARE.test(adapter) ? 'software' : 'hardware' }
}

function findHeadlessGl({ GPU, HeadlessGLKernel }: GpuJs): OpenMode | AbsentMode {
  if (inBrowser || !GPU.isHeadlessGLSupported) {
    const install =
      'Node with the package gl (npm install gl, which compiles it; Debian and Ubuntu: first apt-get install ' +
      'build-essential python3 pkg-config libxi-dev libglu1-mesa-dev libglew-dev) and an X server (without a screen: ' +
      'apt-get install xvfb, then xvfb-run -a COMMAND)'
    return { mode: 'headlessgl', install }
  }
  const gl = HeadlessGLKernel.testContext
  const adapter = gl?._getParameterDirect?.(gl.RENDERER)
  // An unnamed renderer may be software and is treated as such.
  if (typeof adapter !== 'string') return { mode: 'headlessgl', adapter: 'unnamed OpenGL', hardware: 'software' }
  return { mode: 'headlessgl', adapter, hardware: SOFTWARE.test(adapter) ? 'software' : 'hardware' }
}
