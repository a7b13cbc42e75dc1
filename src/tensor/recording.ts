// The flag that enables recording for backward passes.

let recording = true

export function isRecording(): boolean {
  return recording
}

/** Runs `body` with recording enabled or disabled. */
export function withRecording<T>(enabled: boolean, body: () => T): T {
  const before = recording
  recording = enabled
  try {
    return body()
  } finally {
    recording = before
  }
}
