// Pages for types that public signatures name and entry points do not export, so that every name of a signature is a link.

import {
  type Application,
  Comment,
  CommentTag,
  Context,
  Converter,
  type DeclarationReflection,
  type Reflection,
  ReflectionKind,
} from 'typedoc'

type Name = Parameters<Context['createSymbolReference']>[0]

const GROUP = 'Types of the signatures'

/** Adds these types to the module that first names them, in a group of their own. The returned set is filled by `app.convert()`. */
export function withUnexported(app: Application, folder: string): Set<Reflection> {
  const added = new Set<Reflection>()
  const namedIn = new Map<Name, Context>()
  const { createSymbolReference } = Context.prototype
  Context.prototype.createSymbolReference = function (name, context, text) {
    if (!namedIn.has(name) && isOwn(name, folder)) namedIn.set(name, context)
    return createSymbolReference.call(this, name, context, text)
  }
  const convert = (context: Context) => {
    // The list grows as it is walked: a converted type names further ones.
    for (const [name, { scope, program }] of namedIn) {
      if (context.getReflectionFromSymbol(name) !== undefined) continue
      const module = moduleOf(scope)
      const before = module.children?.length ?? 0
      context.setActiveProgram(program)
      context.converter.convertSymbol(context.withScope(module), name)
      for (const each of module.children?.slice(before) ?? []) {
        each.comment ??= new Comment()
        each.comment.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: GROUP }]))
        added.add(each)
      }
    }
    context.setActiveProgram(undefined)
    Context.prototype.createSymbolReference = createSymbolReference
  }
  const FIRST = 1e9
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, convert, FIRST)
  return added
}

/** Whether a name is declared at the top of a source file below `folder`. */
function isOwn({ declarations = [] }: Name, folder: string): boolean {
  return declarations.some((each) => {
    const file = each.getSourceFile()
    const statement = each.parent === file ? each : each.parent?.parent // a variable is inside of a list in a statement
    return statement?.parent === file && file.fileName.startsWith(folder)
  })
}

function moduleOf(scope: Reflection): DeclarationReflection {
  let module = scope
  while (!module.kindOf(ReflectionKind.Module)) module = module.parent!
  return module as DeclarationReflection
}
