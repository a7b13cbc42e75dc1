// Text of HTML and Markdown.

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => SIGNS[sign]!)
}

/** GitHub's anchor of a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

/** The code blocks of a Markdown file whose info string begins with `kind`, such as `ts cell`. */
export function blocksOf(markdown: string, kind: string): { info: string; code: string }[] {
  return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .map((match) => ({ info: match[1]!.trim(), code: match[2]! }))
    .filter(({ info }) => info === kind || info.startsWith(`${kind} `))
}

/** What a program prints, by its comments `// → …`. */
export function expectedLines(code: string): string[] {
  return [...code.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1]!)
}
