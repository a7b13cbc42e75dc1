// Two builds from one source: the library (ESM and CommonJS, with types) and the command (ESM), which has studies/demo as a chunk
// that `alambic demo` loads.
// `tsup --no-dts` leaves out the types and CommonJS: what `npm start` needs on a fresh clone, in a second or two.

import { defineConfig, type Options } from 'tsup'

const shared: Options = {
  target: 'es2022',
  outDir: 'dist',
  // To be read in a debugger. Kernels of the GPU backend travel as `fn.toString()`, and would bear it.
  minify: false,
  // One copy of each class however many entry points a program imports, so that `instanceof` holds.
  splitting: true,
  treeshake: false,
  clean: false,
}

const library: Options = {
  ...shared,
  entry: {
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
  },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  dts: true,
  sourcemap: true,
}

const command: Options = {
  ...shared,
  entry: { cli: 'src/cli/cli.ts' },
  format: ['esm'],
  platform: 'node',
}

export default defineConfig((flags) => (flags.dts === false ? [command] : [library, command]))
