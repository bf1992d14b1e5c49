# A function of arithmetic only, as a formula that the node runs as a tree (`plan/udf/formula.rs`). What is not certain to
# mean the same there stays Python.

import math

_MATH = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_STEPS = 500


class _NoFormula(Exception):
    pass


class _Formula:
    """A part of a formula: its JSON, whether it is a float, a bool or maybe an int, and whether it can fail."""

    def __init__(self, json, type, fails=False):
        self.json, self.type, self.fails = json, type, fails


def formula(tree, node):
    """The formula of a function, or None."""
    try:
        result = _Lowering().function(tree, node)
        return result.json
    except (_NoFormula, RecursionError):
        return None


class _Lowering:
    steps = 0

    def function(self, tree, node):
        for statement in tree.body:
            math_only = isinstance(statement, ast.Import) and all(a.name == "math" and not a.asname for a in statement.names)
            if statement is not node and not math_only and not _is_docstring(statement):
                raise _NoFormula
        given = node.args
        if node.decorator_list or given.defaults or given.vararg or given.kwarg or given.kwonlyargs:
            raise _NoFormula
        names = {}
        for index, arg in enumerate(given.posonlyargs + given.args):
            types = {None: "float", "float": "float", "bool": "bool"}
            type = types.get(_annotation(arg.annotation))
            names[arg.arg] = _Formula({"arg": index}, type)
        if _annotation(node.returns) not in (None, "float", "bool"):
            raise _NoFormula
        return self.block(node.body, names)

    def block(self, statements, names):
        for at, statement in enumerate(statements):
            rest = statements[at + 1 :]
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self.value(statement.value, names)
            if isinstance(statement, ast.If):
                test = self.value(statement.test, names)
                then = self.block(statement.body + rest, names)
                return self.choose(test, then, self.block(statement.orelse + rest, names))
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                value = self.value(statement.value, names)
                if not isinstance(statement.targets[0], ast.Name) or value.fails:
                    raise _NoFormula
                names = {**names, statement.targets[0].id: value}
            elif not _is_docstring(statement) and not isinstance(statement, ast.Pass):
                raise _NoFormula
        raise _NoFormula

    def value(self, node, names):
        self.steps += 1
        if self.steps > _STEPS:
            raise _NoFormula
        if isinstance(node, ast.Constant):
            return self.constant(node.value)
        if isinstance(node, ast.Name) and node.id in names and names[node.id].type:
            return names[node.id]
        if isinstance(node, ast.UnaryOp):
            return self.unary(node, names)
        if isinstance(node, ast.BinOp) and type(node.op) in _MATH:
            return self.math(node, self.value(node.left, names), self.value(node.right, names))
        if isinstance(node, ast.Compare):
            operands = [self.value(operand, names) for operand in [node.left, *node.comparators]]
            pairs = [self.compare(op, a, b) for op, a, b in zip(node.ops, operands, operands[1:])]
            return self.logic("and", pairs)
        if isinstance(node, ast.BoolOp):
            word = "and" if isinstance(node.op, ast.And) else "or"
            return self.logic(word, [self.value(value, names) for value in node.values])
        if isinstance(node, ast.IfExp):
            test = self.value(node.test, names)
            return self.choose(test, self.value(node.body, names), self.value(node.orelse, names))
        raise _NoFormula

    def constant(self, value):
        if isinstance(value, bool):
            return _Formula({"bool": value}, "bool")
        if isinstance(value, int) and abs(value) <= 1 << 20:
            return _Formula({"float": float(value)}, "int")
        if isinstance(value, float) and math.isfinite(value):
            return _Formula({"float": value}, "float")
        raise _NoFormula

    def unary(self, node, names):
        value = self.value(node.operand, names)
        if isinstance(node.op, ast.Not) and value.type == "bool":
            return _Formula({"not": value.json}, "bool", value.fails)
        if isinstance(node.op, ast.USub) and value.type == "float":
            return _Formula({"neg": value.json}, "float", value.fails)
        # A whole number has no negative zero.
        if isinstance(node.op, ast.USub) and value.type == "int" and value.json.get("float"):
            return _Formula({"float": -value.json["float"]}, "int")
        raise _NoFormula

    def math(self, node, left, right):
        # Whole numbers have no end in Python: one of the two has to be a float.
        if "float" not in (left.type, right.type) or "bool" in (left.type, right.type):
            raise _NoFormula
        fails = left.fails or right.fails or (isinstance(node.op, ast.Div) and not right.json.get("float"))
        return self.sized({"math": [_MATH[type(node.op)], left.json, right.json]}, "float", fails)

    def compare(self, op, left, right):
        numbers = "float" in (left.type, right.type) and "bool" not in (left.type, right.type)
        if type(op) not in _COMPARE or not numbers:
            raise _NoFormula
        return self.sized({"compare": [_COMPARE[type(op)], left.json, right.json]}, "bool", left.fails or right.fails)

    def logic(self, word, parts):
        if any(part.type != "bool" for part in parts):
            raise _NoFormula
        result = parts[0]
        for part in parts[1:]:
            result = self.sized({"logic": [word, result.json, part.json]}, "bool", result.fails or part.fails)
        return result

    def choose(self, test, then, otherwise):
        types = {then.type, otherwise.type}
        if test.type != "bool" or ("bool" in types and len(types) > 1):
            raise _NoFormula
        type = "int" if "int" in types else types.pop()
        fails = test.fails or then.fails or otherwise.fails
        return self.sized({"choose": [test.json, then.json, otherwise.json]}, type, fails)

    def sized(self, json, type, fails):
        # A local variable that is used twice stands twice in a formula.
        if _size(json) > _STEPS:
            raise _NoFormula
        return _Formula(json, type, fails)


def _size(json):
    pending, size = [json], 0
    while pending and size <= _STEPS:
        value = pending.pop()
        size += 1
        pending.extend(part for part in (value.values() if isinstance(value, dict) else value) if isinstance(part, (dict, list)))
    return size


def _is_docstring(statement):
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant and isinstance(statement.value.value, str)
