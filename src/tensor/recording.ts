// The flag that enables recording for backward passes.

let recording = true

export function isRecording(): boolean {
  return recording
}

export function withoutRecording<T>(body: () => T): T {
  const before = recording
  recording = false
  try {
    return body()
  } finally {
    recording = before
  }
}
