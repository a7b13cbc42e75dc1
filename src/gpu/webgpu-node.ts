// WebGPU in Node: the package `webgpu` holds Dawn, Chromium's implementation, as a native library. It is loaded here and
// only here. In a browser there is nothing to do: `navigator.gpu` is the page's own.

/** The part of the WebGPU standard that is read here. */
export interface Adapter {
  readonly info: {
    readonly vendor: string
    readonly architecture: string
    readonly device: string
    readonly description: string
    readonly isFallbackAdapter?: boolean
  }
  readonly isFallbackAdapter?: boolean
  readonly limits: Readonly<Record<string, number>>
  requestDevice(descriptor: object): Promise<object>
}

interface WebGpu {
  requestAdapter(options?: object): Promise<Adapter | null>
}

interface DawnModule {
  create(flags: string[]): WebGpu
  readonly globals: object
}

/** The page's WebGPU, or Dawn's in Node; null where there is neither. */
export async function findWebGpu(): Promise<WebGpu | null> {
  const own = (globalThis.navigator as { gpu?: WebGpu } | undefined)?.gpu
  if (own !== undefined) return own
  if (typeof process === 'undefined' || process.versions?.node === undefined) return null
  dawn ??= await loadDawn()
  return dawn
}

// Kept for good: collected before its device and buffers, Dawn takes the process with it.
let dawn: WebGpu | null = null

async function loadDawn(): Promise<WebGpu | null> {
  // Not a literal, so that bundlers for the browser leave it alone.
  const name = 'webgpu'
  try {
    const { create, globals } = (await import(/* @vite-ignore */ name)) as DawnModule
    Object.assign(globalThis, globals)
    letProcessEnd()
    return create([])
  } catch {
    return null // no build of Dawn for this platform
  }
}

// Runs under way that somebody may wait for.
let underWay = 0
let lastTurn: NodeJS.Immediate | null = null

/** Keeps a Node process alive until `run` has settled. */
export function keepAlive<T>(run: Promise<T>): Promise<T> {
  if (underWay++ === 0) lastTurn?.ref()
  return run.finally(() => {
    if (--underWay === 0) lastTurn?.unref()
  })
}

// As long as it has a device, Dawn asks for the next turn in every turn of Node's event loop, so that the process would never
// end. Its callbacks are native functions, which no others are: they keep the process only while a run is under way.
function letProcessEnd(): void {
  const original = globalThis.setImmediate
  const patched = <Args extends unknown[]>(callback: (...args: Args) => void, ...args: Args): NodeJS.Immediate => {
    const turn = original(callback, ...args)
    if (Function.prototype.toString.call(callback).includes('[native code]')) {
      lastTurn = turn
      if (underWay === 0) turn.unref()
    }
    return turn
  }
  globalThis.setImmediate = Object.assign(patched, original)
}

/**
 * Runs `body` while `navigator.gpu` is there for gpu.js to find. In Node it is Dawn's, and gone again afterwards: programs
 * take a `navigator` for a browser.
 */
export async function withNavigatorGpu<T>(webgpu: WebGpu, body: () => Promise<T>): Promise<T> {
  const navigator = globalThis.navigator as { gpu?: WebGpu } | undefined
  if (navigator?.gpu !== undefined) return body()
  const gpu = {
    requestAdapter: async () => tolerant(await webgpu.requestAdapter({ powerPreference: 'high-performance' })),
  }
  const host = navigator ?? {}
  Object.defineProperty(host, 'gpu', { value: gpu, configurable: true })
  if (navigator === undefined) Object.defineProperty(globalThis, 'navigator', { value: host, configurable: true })
  try {
    return await body()
  } finally {
    Reflect.deleteProperty(host, 'gpu')
    if (navigator === undefined) Reflect.deleteProperty(globalThis, 'navigator')
  }
}

// gpu.js assigns `device.onuncapturederror`, which Dawn's setter refuses: an own property of that name takes the value.
function tolerant(adapter: Adapter | null): Adapter | null {
  if (adapter === null) return null
  return {
    info: adapter.info,
    limits: adapter.limits,
    requestDevice: async (descriptor: object) => {
      const device = await adapter.requestDevice(descriptor)
      Object.defineProperty(device, 'onuncapturederror', { value: null, writable: true })
      return device
    },
  }
}
