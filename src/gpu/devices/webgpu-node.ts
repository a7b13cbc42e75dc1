// WebGPU in Node: loads the package `webgpu`, which holds Dawn, Chromium's implementation, as a native library. Browsers have
// `navigator.gpu`.

type Dawn = typeof import('webgpu') // also declares the types of WebGPU

/** The page's WebGPU, or Dawn's in Node; null if there is neither. */
export async function findWebGpu(): Promise<GPU | null> {
  const own = (globalThis.navigator as { gpu?: GPU } | undefined)?.gpu
  if (own !== undefined) return own
  if (typeof process === 'undefined' || process.versions?.node === undefined) return null
  dawn ??= await loadDawn()
  return dawn
}

// Never released: if Dawn is collected before its device and buffers, the process crashes.
let dawn: GPU | null = null

async function loadDawn(): Promise<GPU | null> {
  // Not a literal, so that bundlers for the browser do not resolve it.
  const name = 'webgpu'
  try {
    const { create, globals } = (await import(/* @vite-ignore */ name)) as Dawn
    Object.assign(globalThis, globals)
    letProcessEnd()
    return create([])
  } catch {
    return null // no build of Dawn for this platform
  }
}

let underWay = 0 // runs that have not settled
let lastTurn: NodeJS.Immediate | null = null

/** Keeps a Node process alive until `run` has settled. */
export function keepAlive<T>(run: Promise<T>): Promise<T> {
  if (underWay++ === 0) lastTurn?.ref()
  return run.finally(() => {
    if (--underWay === 0) lastTurn?.unref()
  })
}

// While it has a device, Dawn schedules a callback in every turn of Node's event loop, so the process would never end. Its
// callbacks are the only native functions scheduled; they keep the process alive only while a run is under way.
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
 * Runs `body` with `navigator.gpu`, which gpu.js requires. In Node it is Dawn's and is removed afterwards, because programs
 * detect browsers by `navigator`.
 */
export async function withNavigatorGpu<T>(webgpu: GPU, body: () => Promise<T>): Promise<T> {
  const navigator = globalThis.navigator as { gpu?: GPU } | undefined
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

// gpu.js assigns `device.onuncapturederror`, which Dawn's setter rejects; an own property accepts it.
function tolerant(adapter: GPUAdapter | null) {
  if (adapter === null) return null
  return {
    info: adapter.info,
    limits: adapter.limits,
    requestDevice: async (descriptor: GPUDeviceDescriptor) => {
      const device = await adapter.requestDevice(descriptor)
      Object.defineProperty(device, 'onuncapturederror', { value: null, writable: true })
      return device
    },
  }
}
