// Types for the part of WebGPU that this folder uses. https://www.w3.org/TR/webgpu/

export interface GpuBuffer {
  readonly size: number
  mapAsync(mode: number): Promise<void>
  getMappedRange(): ArrayBuffer
  destroy(): void
}

export interface Pipeline {
  getBindGroupLayout(index: number): object
}

export interface ComputePass {
  setPipeline(pipeline: Pipeline): void
  setBindGroup(index: number, group: object): void
  dispatchWorkgroups(x: number, y: number): void
  end(): void
}

export interface CommandEncoder {
  beginComputePass(): ComputePass
  copyBufferToBuffer(from: GpuBuffer, fromByte: number, to: GpuBuffer, toByte: number, bytes: number): void
  finish(): object
}

export interface WebGpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
  readonly queue: {
    submit(commands: readonly object[]): void
    writeBuffer(to: GpuBuffer, toByte: number, from: ArrayBuffer | Float32Array, first?: number, count?: number): void
  }
  createBuffer(descriptor: { readonly size: number; readonly usage: number }): GpuBuffer
  createShaderModule(descriptor: { readonly code: string }): object
  createComputePipeline(descriptor: {
    readonly layout: 'auto'
    readonly compute: { readonly module: object }
  }): Pipeline
  createBindGroup(descriptor: { readonly layout: object; readonly entries: readonly object[] }): object
  createCommandEncoder(): CommandEncoder
  pushErrorScope(filter: 'validation' | 'out-of-memory'): void
  popErrorScope(): Promise<{ readonly message: string } | null>
  destroy(): void
}
