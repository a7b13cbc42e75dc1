// Scripts that a page loads when it first needs them. Each leaves a value in `globalThis`.

const loading = new Map<string, Promise<unknown>>()

/** The value that `assets/FILE` leaves under `name`. */
export function load<Value>(file: string, name: string): Promise<Value> {
  const found = loading.get(file)
  if (found !== undefined) return found as Promise<Value>
  const value = new Promise<unknown>((resolve, reject) => {
    const script = document.createElement('script')
    script.src = `${document.documentElement.dataset.root ?? ''}assets/${file}`
    script.onload = () => resolve((globalThis as Record<string, unknown>)[name])
    script.onerror = () => reject(new Error(`${file} could not be loaded`))
    document.head.append(script)
  })
  loading.set(file, value)
  return value as Promise<Value>
}
