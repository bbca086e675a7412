# In front of every program that TwoMounts runs: system calls by their C names, and results as text.
import ctypes, errno, fcntl, mmap, os, select, signal, stat, struct, subprocess, sys, time

os.umask(0o022)
sys.stdout.reconfigure(line_buffering=True)
libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
KEEP, PUNCH, COLLAPSE, ZERO, INSERT = 1, 2, 8, 16, 32


def result(label, call, *args, **named):
    """Prints what the call returns, or its errno; returns the value, None after an error."""
    try:
        value = call(*args, **named)
        print(label, "->", value if isinstance(value, (int, str, bytes, tuple, list)) else "ok")
        return value
    except OSError as e:
        print(label, "->", errno.errorcode.get(e.errno, e.errno))


def check(value):
    if value < 0:
        raise OSError(ctypes.get_errno(), "call")
    return value


def fallocate(fd, mode, offset, length):
    check(libc.fallocate(fd, mode, ctypes.c_long(offset), ctypes.c_long(length)))


def link_fd(fd, to):
    check(libc.linkat(AT_FDCWD, b"/proc/self/fd/%d" % fd, AT_FDCWD, os.fsencode(to), 0x400))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data, flags=os.O_WRONLY):
    fd = os.open(path, flags, 0o644)
    try:
        return os.write(fd, data)
    finally:
        os.close(fd)


def extents(path):
    """Data of a file as (start, end), by SEEK_DATA and SEEK_HOLE."""
    found, at = [], 0
    with open(path, "rb") as f:
        while True:
            try:
                start = os.lseek(f.fileno(), at, os.SEEK_DATA)
            except OSError as e:
                if e.errno == errno.ENXIO:
                    return found
                raise
            at = os.lseek(f.fileno(), start, os.SEEK_HOLE)
            found.append((start, at))


def mode(path, follow=False):
    s = os.stat(path, follow_symlinks=follow)
    return "%o %d:%d" % (s.st_mode, s.st_uid, s.st_gid)


def as_user(uid, gid, action, groups=()):
    """Runs action in a child with that identity; its prints come out here."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups(list(groups))
            os.setgid(gid)
            os.setuid(uid)
            action()
            sys.stdout.flush()
            os._exit(0)
        except BaseException as e:
            print("child:", type(e).__name__, e)
            sys.stdout.flush()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def child(action):
    return as_user(os.getuid(), os.getgid(), action, os.getgroups())


def flags(path, value=None):
    """Inode flags as chattr knows them; sets them where a value is given."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if value is not None:
            fcntl.ioctl(fd, 0x40086602, struct.pack("l", value))
        return struct.unpack("l", fcntl.ioctl(fd, 0x80086601, struct.pack("l", 0)))[0]
    finally:
        os.close(fd)


def acl(*entries):
    """A POSIX ACL as an xattr value: (tag, permissions, id) each."""
    none = 0xFFFFFFFF
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHI", t, p, none if i is None else i) for t, p, i in entries
    )


USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 1, 2, 4, 8, 16, 32
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


def xattrs(path):
    return sorted(os.listxattr(path, follow_symlinks=False))

