// Types for the part of gpu.js that this folder uses, and its lazy import. gpu.js translates a JavaScript function into a
// shader for WebGPU or WebGL, or into WebAssembly or JavaScript. Read next: modes.ts, then ../gpujs/engine.ts.

/**
 * Where kernels can run. `wgsl`: alambic's own kernels on WebGPU, without gpu.js. The others are modes of gpu.js; `webasm` and
 * `cpu` are its emulations of a GPU, for comparison.
 */
export type GpuMode = 'webgpu' | 'wgsl' | 'webgl2' | 'headlessgl' | 'webasm' | 'cpu'

/** A result that stays on the device: a buffer of WebGPU or a texture of WebGL. */
export interface DeviceArray {
  /** Width and height. */
  output: number[]
  /** Numbers per thread (WebGPU). */
  componentCount?: number
  toArray(): KernelArray | Promise<KernelArray>
  /** A second handle of the same numbers, released separately. */
  clone(): DeviceArray
  delete(): void
}

/** Rows of numbers on the CPU; the innermost lists are typed arrays. */
export type KernelArray = Float32Array | readonly KernelArray[]

export type KernelResult = DeviceArray | KernelArray

export interface GpuJsKernel {
  (...inputs: (KernelResult | number)[]): KernelResult | Promise<KernelResult>
  readonly kernel: {
    /** Where the compiled kernel runs, which may differ from the mode requested. */
    readonly constructor: { readonly mode: string }
    readonly context: KernelContext | null
  }
  destroy(removeCanvas?: boolean): void
}

/** On WebGPU it holds the device; on WebGL it is the drawing context. */
export interface KernelContext {
  readonly device?: GPUDevice
  isContextLost?(): boolean
  getParameter?(name: number): number
  getExtension?(name: 'WEBGL_lose_context'): { loseContext(): void } | null
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
  /** Kernels on the package `gl`. */
  readonly HeadlessGLKernel: {
    readonly testContext: {
      readonly RENDERER: number
      /** The driver's own answer; WebGL's `getParameter` hides it. */
      _getParameterDirect?(name: number): unknown
    } | null
  }
  /** The WebGPU device that all kernels share. */
  readonly WebGPUContext: { destroy(): Promise<void> }
}

/** The command that installs the optional packages of `alambic/gpu`. */
export const INSTALL = 'npm install gpu.js webgpu'

/** Imports gpu.js, a CommonJS module, as its default export or by name; null if it is not installed. */
export async function loadGpuJs(): Promise<GpuJs | null> {
  try {
    const loaded = (await import('gpu.js')) as unknown as GpuJs & { readonly default?: GpuJs }
    return loaded.default ?? loaded
  } catch {
    return null
  }
}
