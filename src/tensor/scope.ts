// When temporaries end. Inside a scope, new tensors live in the arena of the linear memory; when the scope ends they are
// gone, all at once, and what the scope returned is copied out. Outside any scope they are ordinary typed arrays.
// The library opens scopes around its own loops (an optimizer step, an action choice), so most users never write one.

import { allocate, currentScope, enterScope, type Releasable, Scope } from './arena.ts'
import { ScopeError } from './errors.ts'
import { memory } from './memory.ts'
import { CpuStorage, dtypeOf, type MemoryOwner, type Storage, type TypedArray } from './storage.ts'
import { Tensor } from './tensor.ts'

/**
 * Runs `body`; the tensors made inside end with it, except those in its result (a tensor, or arrays and plain objects of
 * tensors), which are copied to the surrounding home. Scopes nest. Throws a ScopeError for an asynchronous body.
 *
 * Parameters, gradients and the buffers of optimizers outlive scopes: the garbage collector frees them, between turns of the event
 * loop. With `parameters: true` those made inside end as well, except the parameters of modules in the result. A loop that makes many
 * networks in one turn opens such a scope for each.
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
      result.catch(() => {}) // it will fail on what ends here, and that is said already
      throw new ScopeError('scope: the body is asynchronous; await what it needs first, then open the scope')
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

/** A module, as far as scopes are concerned. */
interface HasParameters {
  parameters(): unknown
}

interface Kept {
  readonly tensor: Tensor
  readonly values: TypedArray
}

// The arena is about to be reset, so its numbers wait on the heap until the surrounding home can take them.
function copyOut(value: unknown, ending: Scope): Kept[] | null {
  if (value === null || typeof value !== 'object') return null
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

// Each once, though it may be there twice, or in a circle.
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
