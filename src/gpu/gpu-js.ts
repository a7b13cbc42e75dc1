// The part of gpu.js that this folder uses, typed, and loaded only when somebody asks for a GPU.
// gpu.js translates a plain JavaScript function into a shader for WebGPU or WebGL, or into WebAssembly or JavaScript.
// Read next: modes.ts (where kernels can run), then engine.ts (how they are run).

/** What kernels can run on; `webasm` and `cpu` are gpu.js's own stand-ins for a GPU, there for comparison. */
export type GpuMode = 'webgpu' | 'webgl2' | 'headlessgl' | 'webasm' | 'cpu'

/** A result that stays on the device: a buffer of WebGPU or a texture of WebGL. */
export interface DeviceArray {
  /** Width and height. */
  output: number[]
  /** Numbers a thread returned (WebGPU). */
  componentCount?: number
  toArray(): KernelArray | Promise<KernelArray>
  /** A second handle of the same numbers, released on its own. */
  clone(): DeviceArray
  delete(): void
}

/** Rows of numbers on the CPU; the innermost lists are typed arrays. */
export type KernelArray = Float32Array | readonly KernelArray[]

export type KernelResult = DeviceArray | KernelArray

export interface GpuJsKernel {
  (...inputs: (KernelResult | number)[]): KernelResult | Promise<KernelResult>
  readonly kernel: {
    /** Where the built kernel really runs, whatever was asked for. */
    readonly constructor: { readonly mode: string }
    readonly context: KernelContext | null
  }
  destroy(removeCanvas?: boolean): void
}

/** Of WebGPU: the device. Of WebGL: the drawing context itself. */
export interface KernelContext {
  readonly device?: LosableDevice
  isContextLost?(): boolean
  getParameter?(name: number): number
  getExtension?(name: 'WEBGL_lose_context'): { loseContext(): void } | null
}

export interface LosableDevice {
  destroy(): void
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
}

export interface KernelSettings {
  readonly output: number[]
  readonly constants: Readonly<Record<string, number>>
  readonly constantTypes: Readonly<Record<string, 'Integer' | 'Float'>>
  readonly functions: readonly { readonly source: string; readonly settings: object }[]
  readonly pipeline: true
  readonly immutable: true
  readonly precision: 'single'
  readonly tactic: 'precision'
  readonly dynamicArguments: true
}

export interface GpuJsInstance {
  createKernel(source: string, settings: KernelSettings): GpuJsKernel
  destroy(): Promise<void>
}

export interface GpuJs {
  readonly GPU: {
    new (settings: { mode: GpuMode }): GpuJsInstance
    readonly isWebGL2Supported: boolean
    readonly isHeadlessGLSupported: boolean
    readonly isWebAssemblySupported: boolean
  }
  /** The kernels of the package `gl`, and the drawing context that `isHeadlessGLSupported` was found out with. */
  readonly HeadlessGLKernel: { readonly testContext: HeadlessContext | null }
  /** The one WebGPU device of all kernels. */
  readonly WebGPUContext: { destroy(): Promise<void> }
}

export interface HeadlessContext {
  readonly RENDERER: number
  /** What the driver answers, where the WebGL standard has the add-on answer for itself. */
  _getParameterDirect?(name: number): unknown
}

/** What installs the packages of this floor, which alambic does not bring along: most programs never use a GPU. */
export const INSTALL = 'npm install gpu.js webgpu'

/**
 * gpu.js, whether the bundler or Node hands over its CommonJS module as the default export or by name; null if it is not
 * installed.
 */
export async function loadGpuJs(): Promise<GpuJs | null> {
  try {
    const loaded = (await import('gpu.js')) as unknown as GpuJs & { readonly default?: GpuJs }
    return loaded.default ?? loaded
  } catch {
    return null
  }
}
