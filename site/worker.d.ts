/** The code of a bundled worker, by worker-plugin.ts. */
declare module 'worker:*' {
  const code: string
  export default code
}
