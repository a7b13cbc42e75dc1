// How large src/ may be: what it is now, and what it must not exceed. Lower a ceiling when the figure has fallen; print the
// figures by `npm run size`. Read next: ../size.test.ts, ../exports.test.ts.

export interface Ceiling {
  /** When the ceiling was last set. */
  readonly figure: number
  readonly ceiling: number
}

/** Lines of each floor, and of all. */
export const lines: Readonly<Record<string, Ceiling>> = {
  tensor: { figure: 7870, ceiling: 7880 },
  gpu: { figure: 2613, ceiling: 2623 },
  nn: { figure: 3265, ceiling: 3865 },
  data: { figure: 1227, ceiling: 2727 },
  rl: { figure: 11253, ceiling: 11263 },
  tabular: { figure: 1292, ceiling: 1302 },
  render: { figure: 1350, ceiling: 1360 },
  distill: { figure: 4610, ceiling: 5210 },
  export: { figure: 1697, ceiling: 2297 },
  plot: { figure: 377, ceiling: 387 },
  cli: { figure: 3823, ceiling: 3833 },
  'index.ts': { figure: 14, ceiling: 20 },
  all: { figure: 39391, ceiling: 39401 },
}

/** Files of floors that had too many, and of all. */
export const files: Readonly<Record<string, Ceiling>> = {
  distill: { figure: 30, ceiling: 32 },
  all: { figure: 399, ceiling: 399 },
}

/** Values and types that each entry point exports. */
export const publicNames: Readonly<Record<string, Ceiling>> = {
  alambic: { figure: 11, ceiling: 12 },
  'alambic/tensor': { figure: 108, ceiling: 108 },
  'alambic/gpu': { figure: 7, ceiling: 7 },
  'alambic/nn': { figure: 79, ceiling: 79 },
  'alambic/rl': { figure: 144, ceiling: 144 },
  'alambic/tabular': { figure: 27, ceiling: 27 },
  'alambic/render': { figure: 7, ceiling: 7 },
  'alambic/distill': { figure: 49, ceiling: 49 },
  'alambic/export': { figure: 8, ceiling: 8 },
  'alambic/plot': { figure: 15, ceiling: 15 },
}

/** Different public names in all. */
export const allPublicNames = 444

/** Lines of any file but these. */
export const LONGEST_FILE = 300
export const longFiles: Readonly<Record<string, string>> = {}

/** Modules that import each other when they run: none. */
export const knownCycles: readonly (readonly string[])[] = []

/** Lines of more than 140 columns. */
export const longLines: Ceiling = { figure: 51, ceiling: 51 }

/** Mean columns of a line of src/. */
export const MEAN_LINE = 43.3

/** The fraction of lines that are comments, which may fall by one per cent at most. */
export const COMMENTS = 0.126

/** Lines of test/, its figures aside. */
export const testLines: Ceiling = { figure: 50_636, ceiling: 50_900 }
