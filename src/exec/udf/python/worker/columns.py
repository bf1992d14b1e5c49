# Arguments and results in the shared area, as the Rust side lays them out (`area.rs`).
#
#   directory   for the result, then for each argument: three u32: where its values begin, how many, where its text begins
#   values      little-endian numbers, booleans as bytes; of strings the ends of each one's text, after a 0

import struct
from array import array

_FORMATS = {"i32": "i", "i64": "q", "f32": "f", "f64": "d", "bool": "?"}


class WrongResult(Exception):
    """A function gave a value that its type does not allow: what was found, and in which row."""

    def __init__(self, found, row=None):
        super().__init__(found)
        self.row = row


class Area:
    """The memory that a worker shares with the process that started it."""

    def __init__(self, memory):
        self.bytes = memoryview(memory)
        self.memory = memory

    def text(self, length):
        return str(self.bytes[:length], "utf-8")

    def set_text(self, text):
        data = text.encode("utf-8", "replace")
        self.bytes[: len(data)] = data
        return len(data)

    def column(self, kind, offset, count, text):
        """The values of an argument, to be iterated over."""
        if kind == "string":
            ends = self.bytes[offset : offset + 4 * (count + 1)].cast("I").tolist()
            data = self.bytes[text : text + ends[-1]].tobytes()
            if data.isascii():
                data = data.decode("ascii")
                return [data[start:end] for start, end in zip(ends, ends[1:])]
            return [data[start:end].decode("utf-8") for start, end in zip(ends, ends[1:])]
        size = struct.calcsize(_FORMATS[kind])
        return self.bytes[offset : offset + size * count].cast(_FORMATS[kind])

    def array(self, numpy, kind, offset, count, text, rows):
        """The values of an argument as an array of its own type, as long as the batch."""
        if kind == "string":
            values = numpy.empty(count, dtype=object)
            values[:] = self.column(kind, offset, count, text)
        else:
            values = numpy.frombuffer(self.memory, dtype=_FORMATS[kind], count=count, offset=offset)
        return values if count == rows else numpy.full(rows, values[0])

    def write_rows(self, kind, offset, text, results):
        """Writes the results of a row function; returns the bytes of their text."""
        if kind == "string":
            return self._write_texts(offset, text, results)
        if kind == "bool":
            if not set(map(type, results)) <= {bool}:
                results = _each(results, _boolean)
            data = bytes(results)
        elif kind == "f64":
            # `struct` is twice as fast as `array`, but says less.
            try:
                struct.pack_into(f"{len(results)}d", self.bytes, offset, *results)
                return 0
            except (struct.error, TypeError, OverflowError):
                data = array("d", _each(results, _number("d")))
        else:
            try:
                data = array(_FORMATS[kind], results)
            except (TypeError, OverflowError):
                data = array(_FORMATS[kind], _each(results, _number(_FORMATS[kind])))
        data = memoryview(data).cast("B")
        self.bytes[offset : offset + len(data)] = data
        return 0

    def write_array(self, numpy, kind, offset, text, rows, result):
        """Writes the result of a vectorised function; returns the bytes of its text."""
        if not isinstance(result, numpy.ndarray):
            raise WrongResult(f"a {type(result).__name__}, which is no array")
        if result.shape != (rows,):
            raise WrongResult(f"an array of shape {result.shape} for {rows} rows")
        if kind == "string":
            if result.dtype.kind not in "OUT":
                raise WrongResult(f"an array of {result.dtype}")
            return self._write_texts(offset, text, result.tolist())
        out = numpy.frombuffer(self.memory, dtype=_FORMATS[kind], count=rows, offset=offset)
        casting = {"f32": "same_kind", "i32": "same_kind"}.get(kind, "safe")
        if not numpy.can_cast(result.dtype, out.dtype, casting) or (kind == "f32" and result.dtype.kind in "iu"):
            raise WrongResult(f"an array of {result.dtype}")
        if kind == "i32" and result.dtype.itemsize > 4:
            wrong = numpy.flatnonzero((result < -(2**31)) | (result >= 2**31))
            if len(wrong):
                raise WrongResult(f"{int(result[wrong[0]])}", int(wrong[0]))
        numpy.copyto(out, result, casting=casting)
        return 0

    def _write_texts(self, offset, text, results):
        encoded = _each(results, _encoded)
        ends, end = [0], 0
        for data in encoded:
            end += len(data)
            ends.append(end)
        if text + end > len(self.bytes):
            raise MemoryError(f"{end} bytes of results")
        data = memoryview(array("I", ends)).cast("B")
        self.bytes[offset : offset + len(data)] = data
        self.bytes[text : text + end] = b"".join(encoded)
        return end


def _each(results, convert):
    """Converts one by one, to know the row that fails."""
    converted = []
    try:
        converted.extend(map(convert, results))
    except (TypeError, ValueError, OverflowError):
        row = len(converted)
        raise WrongResult(_shown(results[row]), row) from None
    return converted


def _boolean(value):
    if type(value) is not bool and type(value).__name__ not in ("bool_", "bool"):
        raise TypeError
    return bool(value)


def _number(code):
    return lambda value: array(code, (value,))[0]


def _encoded(value):
    if not isinstance(value, str):
        raise TypeError
    return value.encode("utf-8")


def _shown(value):
    try:
        text = repr(value)
    except Exception:
        text = "?"
    text = text if len(text) <= 100 else text[:100] + "..."
    return f"{text}, a {type(value).__name__}" if value is not None else "None"
