// Messages between a page and its workers.

/** From a worker. `ready` comes once, when its code is loaded. */
export type FromWorker<Result> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'print'; readonly lines: readonly string[] }
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly message: string; readonly line?: number | undefined }

/** Files by name, which a program reads by `readFileSync`. */
export type Files = Readonly<Record<string, Uint8Array>>

export interface Program {
  readonly code: string
  readonly files?: Files
}

/** An answer to an exercise. */
export interface Answer extends Program {
  readonly exercise: string
}

export interface Grade {
  readonly passed: boolean
  /** Cases that were tried. */
  readonly cases: number
  /** The smallest case that fails, in words. */
  readonly counterexample?: string
  readonly solution: string
}
