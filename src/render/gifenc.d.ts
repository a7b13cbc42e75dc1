// Types for the part of gifenc in use; the package has none.

declare module 'gifenc' {
  interface FrameOptions {
    /** Red, green and blue of each colour; with the first frame. */
    readonly palette?: number[][]
    /** Milliseconds. */
    readonly delay: number
    /** 1: the next frame is painted over this one. */
    readonly dispose: number
    readonly transparent?: boolean
    readonly transparentIndex?: number
  }

  interface GifEncoder {
    writeFrame(indices: Uint8Array, width: number, height: number, options: FrameOptions): void
    finish(): void
    bytes(): Uint8Array
  }

  type Encoder = () => GifEncoder

  export const GIFEncoder: Encoder | undefined
  const commonJs: { readonly GIFEncoder: Encoder } | undefined
  export default commonJs
}
