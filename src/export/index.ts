// Public names of alambic/export: trained networks for other programs. Read next: dense-layers.ts.

export { loadAgent } from './agent-file.ts'
export { agentLayers } from './agents.ts'
export { type COptions, toC } from './c.ts'
export { toJavaScript } from './javascript.ts'
export { toOnnx } from './onnx.ts'
export { toSafetensors } from './safetensors.ts'
export { treeToJavaScript } from './tree.ts'
