// Markdown to HTML: coloured code, headings with anchors, links rewritten, and the blocks that only lessons have.

import MarkdownIt, { type Token } from 'markdown-it'
import { highlighted } from './highlight.ts'
import { type Links, rewritten } from './places.ts'
import { anchorOf, escaped } from './text.ts'

export interface Heading {
  readonly level: number
  readonly text: string
  readonly anchor: string
}

export interface Section extends Heading {
  /** The text below the heading, without code. */
  readonly body: string
}

export interface Rendered {
  readonly title: string
  readonly html: string
  readonly sections: readonly Section[]
}

/** HTML of the code blocks that are no listings, by the first word of the info string. Gets the code and the other words. */
export type Blocks = Readonly<Record<string, (code: string, words: readonly string[]) => string>>

/** `file` is the Markdown's path in the repository, which its links are relative to. */
export function render(text: string, file: string, links: Links, blocks: Blocks = {}): Rendered {
  const markdown = markdownFor(file, links, blocks)
  const tokens = markdown.parse(text, {})
  const sections: { level: number; text: string; anchor: string; body: string }[] = []
  const anchors = new Set<string>()
  tokens.forEach((token, i) => {
    if (token.type === 'heading_open') {
      const heading = headingOf(token, tokens[i + 1]!, anchors)
      sections.push({ ...heading, body: '' })
    } else if (token.type === 'inline' && tokens[i - 1]!.type !== 'heading_open' && sections.length > 0) {
      sections[sections.length - 1]!.body += `${plain(token)} `
    }
  })
  const title = sections.find(({ level }) => level === 1)?.text
  if (title === undefined) throw new Error(`${file} has no heading of the first level`)
  return { title, sections, html: markdown.renderer.render(tokens, markdown.options) }
}

function headingOf(token: Token, content: Token, taken: Set<string>): Heading {
  const text = plain(content)
  let anchor = anchorOf(text)
  for (let n = 1; taken.has(anchor); n++) anchor = `${anchorOf(text)}-${n}`
  taken.add(anchor)
  token.attrSet('id', anchor)
  return { level: Number(token.tag.slice(1)), text, anchor }
}

function plain(token: Token): string {
  return (token.children ?? []).map(({ type, content }) => (type === 'softbreak' ? ' ' : content)).join('')
}

function markdownFor(file: string, links: Links, blocks: Blocks): InstanceType<typeof MarkdownIt> {
  const markdown = new MarkdownIt({ html: true })
  const { rules } = markdown.renderer
  rules.link_open = (tokens, i, options, _, renderer) => {
    const token = tokens[i]!
    token.attrSet('href', rewritten(String(token.attrGet('href')), file, links))
    return renderer.renderToken(tokens, i, options)
  }
  rules.image = (tokens, i) => {
    const { content } = tokens[i]!
    const source = rewritten(String(tokens[i]!.attrGet('src')), file, links)
    return `<img src="${escaped(source)}" alt="${escaped(content)}" loading="lazy">`
  }
  // A table scrolls by itself where the page is narrow. The keyboard reaches what scrolls.
  let [tables, listings] = [0, 0]
  rules.table_open = () => `<div class="table" role="region" aria-label="Table ${++tables}" tabindex="0"><table>`
  rules.table_close = () => '</table></div>'
  rules.fence = (tokens, i) => {
    const { info, content } = tokens[i]!
    const [language = '', ...words] = info.trim().split(/\s+/)
    const block = blocks[words[0] === 'cell' ? 'cell' : language]
    if (block !== undefined) return block(content, words)
    return `<div class="listing" role="region" aria-label="Listing ${++listings}" tabindex="0">${highlighted(content, language)}</div>\n`
  }
  return markdown
}
