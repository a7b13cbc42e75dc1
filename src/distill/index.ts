// The distillation floor's public names. Read next: teacher.ts, then targets.ts.

export {}
