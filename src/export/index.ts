// The export floor's public names: a trained network for other programs. Read next: dense-layers.ts.

export * from './agents.ts'
export * from './dense-layers.ts'
export * from './javascript.ts'
export * from './onnx.ts'
export * from './played-states.ts'
export * from './safetensors.ts'
export * from './tree.ts'
