/** Files that come into the Worker's bundle as they are (`[[rules]]` of wrangler.toml). */
declare module '*.wasm' {
  const compiled: WebAssembly.Module;
  export default compiled;
}
declare module '*.onnx' {
  const bytes: ArrayBuffer;
  export default bytes;
}
