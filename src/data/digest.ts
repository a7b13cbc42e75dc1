// A digest that shows damage to a file: 128 bits, in four lanes of 32 as in MurmurHash3 (Appleby 2011). Each step is one-to-one in its
// word, so a change to a single word always shows. It is no protection against someone who means to deceive.

const MULTIPLIERS = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const

/** 32 hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  let [a, b, c, d] = [bytes.length, bytes.length, bytes.length, bytes.length]
  for (let at = 0; at < padded.length; at += 16) {
    a = step(a, view.getInt32(at, true), MULTIPLIERS[0])
    b = step(b, view.getInt32(at + 4, true), MULTIPLIERS[1])
    c = step(c, view.getInt32(at + 8, true), MULTIPLIERS[2])
    d = step(d, view.getInt32(at + 12, true), MULTIPLIERS[3])
  }
  const sum = (a + b + c + d) | 0
  return [sum, b + sum, c + sum, d + sum].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}

function step(lane: number, word: number, multiplier: number): number {
  const mixed = Math.imul(lane ^ word, multiplier)
  return (Math.imul((mixed << 15) | (mixed >>> 17), 5) + 0x561ccd1b) | 0
}
