# A loaded UDF, and a batch of calls of it.

import linecache
import traceback
from itertools import repeat, starmap

_FILE = "<udf>"


class Udf:
    """A function of a file of a user, with the types that it takes and gives."""

    def __init__(self, area, numpy, source, function, mode, args, result):
        linecache.cache[_FILE] = (len(source), None, source.splitlines(True), _FILE)
        self.area, self.numpy, self.args, self.result = area, numpy, args, result
        self.vectorised = mode == "vectorised"
        namespace = {"__name__": "udf", "__file__": _FILE}
        exec(compile(source, _FILE, "exec", dont_inherit=True), namespace)
        self.function = namespace.get(function)
        if not callable(self.function):
            raise LookupError(f"the file defines no function `{function}`")
        self.directory = struct.Struct(f"={3 * (1 + len(args))}I")
        # The row that is being called, where a call fails.
        self.row = None

    def call(self, rows):
        """Calls the function for each row; returns the bytes of the results' text."""
        directory = self.directory.unpack_from(self.area.bytes)
        places = [directory[at : at + 3] for at in range(0, len(directory), 3)]
        offset, _, text = places[0]
        self.row = None
        if self.vectorised:
            arrays = [self.area.array(self.numpy, kind, *place, rows) for kind, place in zip(self.args, places[1:])]
            return self.area.write_array(self.numpy, self.result, offset, text, rows, self.function(*arrays))
        results = []
        try:
            results.extend(self._results(places[1:], rows))
        except BaseException:
            self.row = len(results)
            raise
        return self.area.write_rows(self.result, offset, text, results)

    def _results(self, places, rows):
        columns = [self.area.column(kind, *place) for kind, place in zip(self.args, places)]
        varying = [place[1] == rows for place in places]
        if not any(varying):
            return starmap(self.function, repeat([column[0] for column in columns], rows))
        inputs = [column if varies else repeat(column[0]) for column, varies in zip(columns, varying)]
        return map(self.function, *inputs)

    def arguments(self, row):
        """The arguments of a row, to be shown."""
        places = [self.directory.unpack_from(self.area.bytes)[at : at + 3] for at in range(3, self.directory.size // 4, 3)]
        columns = [self.area.column(kind, *place) for kind, place in zip(self.args, places)]
        return ", ".join(repr(column[row if len(column) > row else 0]) for column in columns)


def last_lines(error):
    """The traceback of an error in a user's code, its last lines, without the frames of the worker."""
    try:
        shown = traceback.TracebackException(type(error), error, error.__traceback__, limit=-8)
        shown.stack = traceback.StackSummary.from_list([f for f in shown.stack if f.filename != "<string>"])
        lines = [line[:500] for line in "".join(shown.format(chain=False)).splitlines()[-12:]]
        return "\n".join(lines)
    except BaseException:
        return type(error).__name__


def summary(error):
    """One line that says what was raised."""
    try:
        text = str(error).strip().split("\n", 1)[0]
    except BaseException:
        text = ""
    text = text if len(text) <= 300 else text[:300] + "..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
