declare module '*.safetensors' {
  const bytes: Uint8Array
  export default bytes
}
