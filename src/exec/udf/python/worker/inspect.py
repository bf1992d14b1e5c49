# What a file of a user says of its functions, by Python's own parser: the code does not run.

import ast


def inspect(source):
    """The functions at the top of a file, or where the file is wrong."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        return {"wrong": {"reason": error.msg, "line": error.lineno or 1, "column": error.offset or 1}}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"wrong": {"reason": summary(error), "line": 1, "column": 1}}
    # The last definition of a name is the one that is called.
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {"functions": [_signature(tree, node) for node in functions.values()]}


def _signature(tree, node):
    given = node.args
    positional = given.posonlyargs + given.args
    return {
        "name": node.name,
        "args": [{"name": arg.arg, "annotation": _annotation(arg.annotation)} for arg in positional],
        "required": len(positional) - len(given.defaults),
        "takes_more": given.vararg is not None,
        "keywords": [arg.arg for arg, default in zip(given.kwonlyargs, given.kw_defaults) if default is None],
        "result": _annotation(node.returns),
        "formula": formula(tree, node),
    }


def _annotation(node):
    return None if node is None else ast.unparse(node)[:100]
