// Pictures of environments: a scene of an environment's state, as SVG, text, pixels or an animated GIF.
// Read next: draw-env.ts, scene.ts.

export { drawEnv } from './draw-env.ts'
export { encodeGif } from './gif.ts'
export { toPixels } from './raster.ts'
export type { Scene } from './scene.ts'
export { toSvg } from './svg.ts'
export { toText } from './terminal.ts'
