# A function of arithmetic only, as a formula that the node runs as a tree (`plan/udf/formula.rs`). What is not certain to
# mean the same there stays Python.

import math
import operator

_MATH = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.FloorDiv: "//"}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
# The functions that give the same bits everywhere: not `exp`, `log`, `pow`.
_BUILTINS = {"abs", "float", "int", "max", "min", "round"}
_ROUNDING = {"int": "trunc", "round": "round", "math.ceil": "ceil", "math.floor": "floor", "math.trunc": "trunc"}
_CONSTANTS = {"math.e": math.e, "math.pi": math.pi, "math.tau": math.tau}
# What Python itself computes when both sides are constants.
_FOLDED = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Mod: operator.mod, ast.FloorDiv: operator.floordiv,
}
_STEPS = 500
# Whole numbers up to here are doubles, too.
_EXACT = 1 << 53


class _NoFormula(Exception):
    pass


class _Formula:
    """A part of a formula: its JSON, whether it is a float, an int, one of the two ("number") or a bool, whether it can
    fail, and its value where that is known."""

    def __init__(self, json, type, fails=False, value=None):
        self.json, self.type, self.fails, self.value = json, type, fails, value


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
        # What a name stands for that the function does not bind: a builtin, `math`, or a function or constant of it.
        self.globals = {name: name for name in _BUILTINS}
        for statement in tree.body:
            if isinstance(statement, ast.Import) and all(a.name == "math" and not a.asname for a in statement.names):
                self.globals["math"] = "math"
            elif isinstance(statement, ast.ImportFrom) and statement.module == "math" and not statement.level:
                if not all(hasattr(math, alias.name) for alias in statement.names):
                    raise _NoFormula
                self.globals.update((alias.asname or alias.name, "math." + alias.name) for alias in statement.names)
            elif statement is not node and not _is_docstring(statement):
                raise _NoFormula
        self.globals.pop(node.name, None)
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
        # A name that is bound anywhere in a function is its own everywhere.
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load) or isinstance(part, ast.arg):
                self.globals.pop(part.id if isinstance(part, ast.Name) else part.arg, None)
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
                if not isinstance(statement.targets[0], ast.Name):
                    raise _NoFormula
                return self.assign(statement.targets[0].id, self.value(statement.value, names), rest, names)
            if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                before = self.value(ast.Name(statement.target.id, ast.Load()), names)
                value = self.math(statement.op, before, self.value(statement.value, names))
                return self.assign(statement.target.id, value, rest, names)
            if not _is_docstring(statement) and not isinstance(statement, ast.Pass):
                raise _NoFormula
        raise _NoFormula

    def assign(self, name, value, rest, names):
        result = self.block(rest, {**names, name: value})
        if not value.fails:
            return result
        # It fails here, also where nobody asks for it afterwards.
        return self.sized({"after": [value.json, result.json]}, result.type, True)

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
        if isinstance(node, ast.BinOp):
            return self.math(node.op, self.value(node.left, names), self.value(node.right, names))
        if isinstance(node, ast.Call) and not node.keywords:
            return self.call(self.named(node.func, names), [self.value(argument, names) for argument in node.args])
        if self.named(node, names) in _CONSTANTS:
            return self.constant(_CONSTANTS[self.named(node, names)])
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

    def named(self, node, names):
        """What a name that the function does not bind stands for: `abs`, `math.sqrt`."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if self.globals.get(node.value.id) == "math" and node.value.id not in names:
                return "math." + node.attr
        elif isinstance(node, ast.Name) and node.id not in names:
            return self.globals.get(node.id, "")
        return ""

    def constant(self, value):
        if isinstance(value, bool):
            return _Formula({"bool": value}, "bool")
        if isinstance(value, int) and abs(value) <= _EXACT:
            return _Formula({"float": float(value)}, "int", value=value)
        if isinstance(value, float) and math.isfinite(value):
            return _Formula({"float": value}, "float", value=value)
        raise _NoFormula

    def unary(self, node, names):
        value = self.value(node.operand, names)
        if isinstance(node.op, ast.Not) and value.type == "bool":
            return _Formula({"not": value.json}, "bool", value.fails)
        if isinstance(node.op, ast.UAdd) and value.type in ("float", "int", "number"):
            return value
        if isinstance(node.op, ast.USub) and value.value is not None:
            return self.constant(-value.value)
        if isinstance(node.op, ast.USub) and value.type == "float":
            return self.sized({"neg": value.json}, "float", value.fails)
        # A whole number has no negative zero.
        if isinstance(node.op, ast.USub) and value.type == "int":
            return self.sized({"math": ["-", {"float": 0.0}, value.json]}, "int", value.fails)
        raise _NoFormula

    def math(self, op, left, right):
        if None not in (left.value, right.value):
            return self.folded(op, left.value, right.value)
        # Whole numbers have no end in Python: one of the two has to be a float.
        if type(op) not in _MATH or "float" not in (left.type, right.type) or "bool" in (left.type, right.type):
            raise _NoFormula
        fails = left.fails or right.fails or (isinstance(op, (ast.Div, ast.Mod, ast.FloorDiv)) and not right.value)
        return self.sized({"math": [_MATH[type(op)], left.json, right.json]}, "float", fails)

    def folded(self, op, left, right):
        if isinstance(op, ast.Pow) and isinstance(left, int) and isinstance(right, int) and 0 <= right <= 64:
            return self.constant(left**right)
        if type(op) not in _FOLDED:
            raise _NoFormula
        try:
            return self.constant(_FOLDED[type(op)](left, right))
        except ArithmeticError:
            raise _NoFormula from None

    def call(self, name, args):
        if any(arg.type not in ("float", "int", "number") for arg in args):
            raise _NoFormula
        if name in ("min", "max") and len(args) > 1:
            return self.extreme(">" if name == "min" else "<", args)
        if len(args) != 1:
            raise _NoFormula
        (arg,) = args
        if name == "float":
            return _Formula(arg.json, "float", arg.fails)
        if name in ("abs", "math.fabs"):
            return self.sized({"call": ["abs", arg.json]}, arg.type if name == "abs" else "float", arg.fails)
        if name == "math.sqrt":
            return self.sized({"call": ["sqrt", arg.json]}, "float", True)
        if name in _ROUNDING:
            return self.sized({"call": [_ROUNDING[name], arg.json]}, "int", True)
        raise _NoFormula

    def extreme(self, worse, args):
        """The first of the least, or of the greatest: what compares with NaN is neither."""
        best = args[0]
        for arg in args[1:]:
            # All are evaluated, the first one first; of two that fail the comparison has the first.
            best = self.choose(self.compare_numbers(worse, best, arg), arg, best)
        return best

    def compare(self, op, left, right):
        if type(op) not in _COMPARE:
            raise _NoFormula
        return self.compare_numbers(_COMPARE[type(op)], left, right)

    def compare_numbers(self, word, left, right):
        if "bool" in (left.type, right.type) or None in (left.type, right.type):
            raise _NoFormula
        return self.sized({"compare": [word, left.json, right.json]}, "bool", left.fails or right.fails)

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
        type = "number" if len(types) > 1 else types.pop()
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
