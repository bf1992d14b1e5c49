# The worker's life: take over the descriptors, lock down, say hello, then answer one request after the other.
#
#   stdin    the channel: frames of a fixed size, a request and its answer
#   stdout   the shared area; then the log, as stderr
#   stderr   the log: what anything in this process prints
#   argv     the parent's process number, the bytes of the area, the bytes of memory that a UDF may use

import gc
import json
import mmap

_REQUEST, _ANSWER = struct.Struct("=BQII"), struct.Struct("=BQqI")
_LOAD, _CALL, _INSPECT = 1, 2, 3
_DONE, _RAISED, _MEMORY, _WRONG = 1, 2, 3, 4


def _take_over():
    channel, area = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    memory = mmap.mmap(area, int(sys.argv[2]))
    os.close(area)
    return channel, memory


def _read(channel, size):
    data = os.read(channel, size)
    while len(data) < size:
        more = os.read(channel, size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def _failure(error, udf):
    """The kind of a failure, its row, and what is said of it."""
    row = -1 if udf is None or udf.row is None else udf.row
    if isinstance(error, MemoryError):
        return _MEMORY, row, {}
    if isinstance(error, WrongResult):
        row = -1 if error.row is None else error.row
        return _WRONG, row, _with_arguments({"reason": str(error)}, udf, row)
    return _RAISED, row, _with_arguments({"reason": summary(error), "traceback": last_lines(error)}, udf, row)


def _with_arguments(said, udf, row):
    if row >= 0:
        text = udf.arguments(row)
        said["arguments"] = text if len(text) <= 200 else text[:200] + "..."
    return said


def _serve(channel, area, numpy):
    udf = None
    while True:
        kind, nonce, rows, length = _REQUEST.unpack(_read(channel, _REQUEST.size))
        try:
            row = -1
            if kind == _CALL:
                length = udf.call(rows)
            elif kind == _LOAD:
                udf = Udf(area, numpy, **json.loads(area.text(length)))
                length = 0
            else:
                length = area.set_text(json.dumps(inspect(**json.loads(area.text(length)))))
            answer = _DONE
        except BaseException as error:
            answer, row, said = _failure(error, udf)
            # Not escaped: the half of a surrogate pair, which these words may have, is replaced when they are encoded.
            length = area.set_text(json.dumps(said, ensure_ascii=False))
        os.write(channel, _ANSWER.pack(answer, nonce, row, length))


def _main():
    die_with_parent(int(sys.argv[1]))
    channel, memory = _take_over()
    try:
        import numpy
    except ImportError:
        numpy = None
    lacking = lock_down(int(sys.argv[3]))
    area = Area(memory)
    hello = {
        "python": sys.version.split()[0],
        "numpy": numpy and numpy.__version__,
        "lacking": lacking,
    }
    length = area.set_text(json.dumps(hello))
    gc.collect()
    gc.freeze()
    os.write(channel, _ANSWER.pack(_DONE, 0, -1, length))
    _serve(channel, area, numpy)


_main()
