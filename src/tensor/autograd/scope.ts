// Scopes free temporaries. Inside a scope, new tensors are allocated in an arena of the linear memory. At its end the arena is
// reset and the scope's result is copied out. Outside any scope, tensors are ordinary typed arrays. The library opens scopes
// around its own loops (an optimizer step, an action choice).

import { allocate, currentScope, enterScope, type Releasable, Scope } from '../arena.ts'
import { ScopeError } from '../errors.ts'
import { memory } from '../memory.ts'
import { CpuStorage, dtypeOf, type MemoryOwner, type Storage, type TypedArray } from '../storage.ts'
import { noGrad } from './autograd.ts'
import { Tensor } from './tensor.ts'

/**
 * Runs `body` and frees the tensors created inside, except those in its result (a tensor, or arrays and plain objects of
 * tensors), which are copied to the enclosing scope or the heap. Scopes nest. Throws a ScopeError for an asynchronous body.
 *
 * Parameters, gradients and the buffers of optimizers outlive scopes: the garbage collector frees them between turns of the event
 * loop. With `parameters: true` those created inside are freed as well, except the parameters of modules in the result. Use it
 * in a loop that creates many networks in one turn.
 */
export function scope<T>(body: () => T, options?: { readonly parameters?: boolean }): T {
  const mark = memory.mark()
  const own = new Scope(currentScope(), options?.parameters === true ? new Set() : null)
  enterScope(own)
  let result: T
  let kept: Kept[] | null
  try {
    result = body()
    if (result instanceof Promise) {
      result.catch(() => {}) // the ScopeError is reported instead
      throw new ScopeError(
        'scope: the body is asynchronous; expected a synchronous one: await its inputs before the scope',
      )
    }
    kept = copyOut(result, own)
  } finally {
    enterScope(own.outer)
    own.open = false
    memory.reset(mark)
    for (const each of own.releasables) each.release()
    for (const each of own.blocks ?? []) each.release()
  }
  if (kept !== null) for (const { tensor, values } of kept) tensor.storage = rehome(values)
  return result
}

/** Runs `body` in a scope and without recording, as `torch.inference_mode`. */
export function inferenceMode<T>(body: () => T): T {
  return scope(() => noGrad(body))
}

/** A module, as far as scopes are concerned. */
interface HasParameters {
  parameters(): unknown
}

interface Kept {
  readonly tensor: Tensor
  readonly values: TypedArray
}

// The arena is about to be reset, so results are copied to the heap first and then to the enclosing scope.
function copyOut(value: unknown, ending: Scope): Kept[] | null {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return null
  const kept: Kept[] = []
  for (const tensor of tensorsIn(value)) {
    const { storage } = tensor
    if (storage instanceof CpuStorage) {
      const { owner } = storage
      if (owner === null || (owner !== ending && !ending.blocks?.has(owner as MemoryOwner & Releasable))) continue
      kept.push({ tensor, values: storage.view().slice() })
      if (owner !== ending) {
        tensor.grad = null
        tensor.gradHome = null
      }
    } else if (ending.releasables.delete(storage as Storage & Releasable)) {
      ending.outer?.releasables.add(storage as Storage & Releasable)
    }
  }
  return kept.length === 0 ? null : kept
}

function rehome(values: TypedArray): CpuStorage {
  if (currentScope() === null) return CpuStorage.onHeap(values)
  const home = allocate(dtypeOf(values), values.length)
  home.view().set(values)
  return home
}

// Each tensor once; values may be shared or cyclic.
function tensorsIn(value: object): Iterable<Tensor> {
  if (value instanceof Tensor) return [value]
  const found = new Set<Tensor>()
  const seen = new Set<object>()
  const look = (each: unknown): void => {
    if (each === null || typeof each !== 'object' || seen.has(each)) return
    seen.add(each)
    if (each instanceof Tensor) found.add(each)
    else if (Array.isArray(each)) each.forEach(look)
    else if (typeof (each as HasParameters).parameters === 'function') look((each as HasParameters).parameters())
    else if (Object.getPrototypeOf(each) === Object.prototype) Object.values(each).forEach(look)
  }
  look(value)
  return found
}
