"""What rows have in common: making lowers, and asking short questions."""
from driver import *
from prelude import *


def put(path, data="data", mode=0o644):
    """A file, and the directories it needs."""
    if os.path.dirname(str(path)):
        os.makedirs(os.path.dirname(str(path)), exist_ok=True)
    with open(path, "w") as f:
        f.write(data)
    os.chmod(path, mode)


def cat(path):
    return read(path).decode("utf-8", "replace")


def there(path):
    return "there" if os.path.lexists(path) else "gone"


def ls(path="."):
    return " ".join(sorted(os.listdir(path))) or "empty"


def kind(path):
    m = os.lstat(path).st_mode
    names = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink",
             stat.S_IFIFO: "fifo", stat.S_IFCHR: "char device", stat.S_IFBLK: "block device", stat.S_IFSOCK: "socket"}
    return names[stat.S_IFMT(m)]


def ino(path):
    return os.lstat(path).st_ino


def kept(before, after):
    return "kept" if before == after else "changed"


def renameat2(old, new, flags):
    check(libc.renameat2(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), flags))


NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4


def by_user(uid, gid, action, groups=()):
    """The outcome of an action of another user."""
    reader, writer = os.pipe()
    def report():
        os.write(writer, outcome_of(action).encode())
    as_user(uid, gid, report, groups)
    os.close(writer)
    return os.read(reader, 4096).decode()


def try_all(*actions):
    return ", ".join(outcome_of(a) for a in actions)


def raw_xattr(path, name):
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError as e:
        return errno.errorcode[e.errno].encode()


def touch(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
