// The network floor's public names. Read next: module.ts, then linear.ts.

export {}
