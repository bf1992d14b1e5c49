# What a worker gives up before it sees code of a user, for good: each line of defence holds if another one is missing.
#
#   resource limits   memory beyond what is mapped already, files to write, core dumps, processes
#   capabilities      all of them, also where the node runs as root
#   landlock          no path but those that imports read; no TCP; no signals to others
#   seccomp           an allow-list of system calls: no socket, process, thread, signal to others, no file but to read
#
# `lock_down` returns what the kernel did not grant, to be shown in the status.

import ctypes
import os
import resource
import signal
import struct
import sys

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def die_with_parent(parent):
    """Ends this process with the thread that started it."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def lock_down(memory):
    """Gives up what a UDF does not need; returns the names of the defences that this kernel lacks."""
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ["no_new_privs", "landlock", "seccomp"]
    steps = [("capabilities", _drop_capabilities), ("landlock", _landlock), ("seccomp", _seccomp)]
    _limit_resources(memory)
    return [name for name, step in steps if not _granted(step)]


def _granted(step):
    try:
        step()
        return True
    except OSError:
        return False


def _checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "not granted")
    return result


def _limit_resources(memory):
    with open("/proc/self/statm") as statm:
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    limits = [
        (resource.RLIMIT_AS, mapped + memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 64),
    ]
    for limit, value in limits:
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def _drop_capabilities():
    version_3 = 0x20080522
    header = ctypes.create_string_buffer(struct.pack("=Ii", version_3, 0))
    _checked(_libc.capset(header, ctypes.create_string_buffer(24)))


# --- landlock


def _landlock():
    create_ruleset, add_rule, restrict_self = 444, 445, 446
    read_files = 1 << 0 | 1 << 2  # execute is what maps shared libraries on some kernels
    read_directories = 1 << 3
    abi = _checked(_libc.syscall(create_ruleset, None, 0, 1))
    accesses = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5)
    attributes = struct.pack("=QQQ", (1 << accesses) - 1, 3, 3)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _checked(_libc.syscall(create_ruleset, ctypes.create_string_buffer(attributes), size, 0))
    try:
        for path in _import_paths():
            try:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            allowed = read_files | (read_directories if os.path.isdir(path) else 0)
            rule = ctypes.create_string_buffer(struct.pack("=Qi", allowed, fd))
            _checked(_libc.syscall(add_rule, ruleset, 1, rule, 0))
            os.close(fd)
        _checked(_libc.syscall(restrict_self, ruleset, 0))
    finally:
        os.close(ruleset)


def _import_paths():
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    system = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"]
    return system + ["/usr/share/zoneinfo", "/dev/null", "/dev/urandom"] + [p for p in libraries + sys.path if p]


# --- seccomp, x86-64

_SYSCALLS = {
    "read": 0, "write": 1, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "pread64": 17, "readv": 19, "writev": 20, "access": 21, "select": 23, "sched_yield": 24, "mremap": 25,
    "madvise": 28, "dup": 32, "dup2": 33, "nanosleep": 35, "getpid": 39, "exit": 60, "uname": 63, "getcwd": 79,
    "readlink": 89, "gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102,
    "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110, "getpgrp": 111, "sigaltstack": 131, "gettid": 186,
    "time": 201, "futex": 202, "sched_getaffinity": 204, "getdents64": 217, "restart_syscall": 219,
    "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "newfstatat": 262,
    "readlinkat": 267, "faccessat": 269, "pselect6": 270, "ppoll": 271, "set_robust_list": 273, "getrandom": 318,
    "statx": 332, "rseq": 334, "faccessat2": 439,
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_TMPFILE", 0) & ~os.O_DIRECTORY
_BPF_LOAD, _BPF_EQUAL, _BPF_ANY_BIT, _BPF_RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


def _seccomp():
    if os.uname().machine != "x86_64" or sys.maxsize < 1 << 32:
        raise OSError("the numbers of system calls are those of another machine")
    program = _filter(os.getpid())
    code = ctypes.create_string_buffer(b"".join(program))
    header = ctypes.create_string_buffer(struct.pack("=H6xQ", len(program), ctypes.addressof(code)))
    seccomp, set_mode_filter, all_threads = 317, 1, 1
    _checked(_libc.syscall(seccomp, set_mode_filter, all_threads, header))


def _filter(pid):
    op = lambda code, value, if_true=0, if_false=0: struct.pack("=HBBI", code, if_true, if_false, value)
    low, high = (lambda n: op(_BPF_LOAD, _FIRST_ARGUMENT + 8 * n)), (lambda n: op(_BPF_LOAD, _FIRST_ARGUMENT + 8 * n + 4))

    def when(number, *checks):
        body = b"".join(checks)
        return op(_BPF_EQUAL, number, 0, len(body) // 8) + body

    def one_of(argument, values):
        tests = [op(_BPF_EQUAL, value, len(values) - i) for i, value in enumerate(values)]
        return low(argument) + b"".join(tests) + op(_BPF_RETURN, _EPERM) + op(_BPF_RETURN, _ALLOW)

    def reading(argument):
        return low(argument) + op(_BPF_ANY_BIT, _WRITES, 0, 1) + op(_BPF_RETURN, _EPERM) + op(_BPF_RETURN, _ALLOW)

    null = low(2) + op(_BPF_EQUAL, 0, 0, 3) + high(2) + op(_BPF_EQUAL, 0, 0, 1) + op(_BPF_RETURN, _ALLOW) + op(_BPF_RETURN, _EPERM)
    x86_64, x32 = 0xC000003E, 0x40000000
    rules = [
        op(_BPF_LOAD, _ARCHITECTURE) + op(_BPF_EQUAL, x86_64, 1) + op(_BPF_RETURN, _EPERM),
        op(_BPF_LOAD, _NUMBER) + op(_BPF_ANY_BIT, x32, 0, 1) + op(_BPF_RETURN, _EPERM),
        when(2, reading(1)),  # open
        when(257, reading(2)),  # openat
        when(16, one_of(1, [0x5401, 0x5450, 0x5451, 0x541B, 0x5421])),  # ioctl: isatty, (not) inheritable, readable
        when(72, one_of(1, [0, 1, 2, 3, 4, 1030])),  # fcntl: duplicate, flags
        when(62, one_of(0, [pid])),  # kill
        when(234, one_of(0, [pid])),  # tgkill
        when(302, null),  # prlimit64, to read
        when(435, op(_BPF_RETURN, _ENOSYS)),  # clone3: the C library then tries clone
        when(437, op(_BPF_RETURN, _ENOSYS)),  # openat2
    ]
    rules += [when(number, op(_BPF_RETURN, _ALLOW)) for number in sorted(_SYSCALLS.values())]
    program = b"".join(rules) + op(_BPF_RETURN, _EPERM)
    return [program[at : at + 8] for at in range(0, len(program), 8)]
