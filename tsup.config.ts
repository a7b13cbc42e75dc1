// The library and the command from one source. The command is built with the ES modules of the library, so that both share their
// chunks: an environment that a user's module registers through `alambic/rl` is known to the command. studies/demo is a chunk that
// `alambic demo` loads.
// `tsup --no-dts` leaves out the types and CommonJS: what `npm start` needs on a fresh clone, in a second or two.

import { defineConfig, type Options } from 'tsup'

const library = {
  index: 'src/index.ts',
  tensor: 'src/tensor/index.ts',
  gpu: 'src/gpu/index.ts',
  nn: 'src/nn/index.ts',
  rl: 'src/rl/index.ts',
  distill: 'src/distill/index.ts',
  export: 'src/export/index.ts',
  plot: 'src/plot/index.ts',
  tabular: 'src/tabular/index.ts',
  render: 'src/render/index.ts',
}

const shared: Options = {
  target: 'es2022',
  platform: 'neutral',
  outDir: 'dist',
  // To be read in a debugger. Kernels of the GPU backend travel as `fn.toString()`, and would bear it.
  minify: false,
  // One copy of each class however many entry points a program imports, so that `instanceof` holds.
  splitting: true,
  treeshake: false,
  clean: false,
  sourcemap: true,
}

const modules: Options = {
  ...shared,
  entry: { ...library, cli: 'src/cli/cli.ts' },
  format: ['esm'],
  // Node's modules, which only the command imports: a neutral platform has none.
  external: [/^node:/],
  removeNodeProtocol: false,
}

const commonJs: Options = { ...shared, entry: library, format: ['cjs'] }

const types: Options = { ...shared, entry: library, format: ['esm', 'cjs'], dts: { only: true } }

export default defineConfig((flags) => (flags.dts === false ? [modules] : [modules, commonJs, types]))
