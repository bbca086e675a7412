"""Metadata."""
from probes import *

group("Metadata")

CAP = struct.pack("<IIIII", 0x02000001, 0x400, 0, 0, 0)


def bits(path):
    return "%o" % stat.S_IMODE(os.lstat(path).st_mode)


@row("chmod of a lower file: the lower, and its data")
def _(w):
    put("f", "data")
    yield
    os.chmod("f", 0o600)
    return "%s, lower %s, %s" % (bits("f"), bits(w.base / "f"), cat("f"))


@row("Times and owner of a lower symbolic link over chown")
def _(w):
    os.symlink("t", "s"), os.chown("s", 3, 4, follow_symlinks=False), os.utime("s", ns=(5, 6), follow_symlinks=False)
    yield
    os.chown("s", 7, -1, follow_symlinks=False)
    s = os.lstat("s")
    return "%d:%d, mtime %s" % (s.st_uid, s.st_gid, kept(6, s.st_mtime_ns))


@row("Times and owner of a lower symbolic link over rename")
def _(w):
    os.symlink("t", "s"), os.chown("s", 3, 4, follow_symlinks=False), os.utime("s", ns=(5, 6), follow_symlinks=False)
    yield
    os.rename("s", "r")
    s = os.lstat("r")
    return "%d:%d, mtime %s, to %s" % (s.st_uid, s.st_gid, kept(6, s.st_mtime_ns), os.readlink("r"))


@row("touch of a lower fifo")
def _(w):
    os.mkfifo("p")
    yield
    return outcome_of(lambda: os.utime("p", ns=(5, 6))) + ", " + kind("p")


@row("chmod of a lower device")
def _(w):
    os.mknod("c", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    yield
    return outcome_of(lambda: os.chmod("c", 0o666)) + ", %s %s" % (kind("c"), os.lstat("c").st_rdev == os.makedev(1, 3))


@row("A device of the tree is used by root")
def _(w):
    os.mknod("null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    yield
    return write("null", b"x")


@row("A lower fifo connects two processes")
def _(w):
    os.mkfifo("p")
    yield
    if os.fork() == 0:
        write("p", b"through"), os._exit(0)
    return cat("p")


@row("mkdir in a lower setgid directory")
def _(w):
    os.mkdir("d"), os.chown("d", 0, 50), os.chmod("d", 0o2755)
    yield
    os.mkdir("d/n")
    return bits("d/n") + " group %d" % os.stat("d/n").st_gid


@row("A file made in a merged setgid directory")
def _(w):
    put("d/x"), put(w.top / "d/y"), os.chown(w.top / "d", 0, 50), os.chmod(w.top / "d", 0o2755)
    yield
    touch("d/n")
    return bits("d/n") + " group %d" % os.stat("d/n").st_gid


@row("mkdir in a setgid directory by a member of its group by supplementary group")
def _(w):
    os.mkdir("d"), os.chown("d", 0, 50), os.chmod("d", 0o2777)
    yield
    by_user(1000, 1000, lambda: os.mkdir("d/n"), groups=(50,))
    return bits("d/n") + " group %d" % os.stat("d/n").st_gid


@row("A file of mode 2775 made in a setgid directory by a member of its group, by a stranger")
def _(w):
    os.mkdir("d"), os.chown("d", 0, 50), os.chmod("d", 0o2777)
    yield
    def make(name):
        os.umask(0)
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o2775))
    by_user(1000, 1000, lambda: make("d/member"), groups=(50,))
    by_user(1000, 1000, lambda: make("d/stranger"))
    return bits("d/member") + ", " + bits("d/stranger")


@row("chmod g+s by an owner in the file's group by supplementary group, and not in it")
def _(w):
    for n in "ab":
        put(n), os.chown(n, 1000, 50)
    yield
    by_user(1000, 1000, lambda: os.chmod("a", 0o2755), groups=(50,))
    by_user(1000, 1000, lambda: os.chmod("b", 0o2755))
    return bits("a") + ", " + bits("b")


@row("setuid and setgid after a user's write, truncate, chown; after root's write")
def _(w):
    for n in "abcd":
        put(n), os.chown(n, 1000, 1000), os.chmod(n, 0o6777)
    yield
    by_user(1000, 1000, lambda: write("a", b"x")), by_user(1000, 1000, lambda: os.truncate("b", 1))
    os.chown("c", 1000, 1000), write("d", b"x")
    return ", ".join(bits(n) for n in "abcd")


@row("setuid after a user's fallocate, copy_file_range and write through O_APPEND")
def _(w):
    for n in "abc":
        put(n), os.chown(n, 1000, 1000), os.chmod(n, 0o4777)
    put("source")
    yield
    by_user(1000, 1000, lambda: fallocate(os.open("a", os.O_RDWR), 0, 0, 9000))
    by_user(1000, 1000, lambda: os.copy_file_range(os.open("source", os.O_RDONLY), os.open("b", os.O_WRONLY), 2))
    by_user(1000, 1000, lambda: write("c", b"x", os.O_WRONLY | os.O_APPEND))
    return ", ".join(bits(n) for n in "abc")


@row("security.capability after a write, chown and chmod by root")
def _(w):
    for n in "abc":
        put(n), os.setxattr(n, "security.capability", CAP)
    yield
    write("a", b"x"), os.chown("b", 5, 5), os.chmod("c", 0o700)
    return ", ".join("kept" if "security.capability" in xattrs(n) else "cleared" for n in "abc")


@row("chown(-1, -1) of a setuid file by root",
     because="with HANDLE_KILLPRIV_V2 a server cannot tell it from the kernel's word before root's write")
def _(w):
    put("f"), os.chmod("f", 0o4755)
    yield
    os.chown("f", -1, -1)
    return bits("f")


@row("Times: nanoseconds, before 1970, after 2038")
def _(w):
    put("f")
    yield
    found = []
    for t in (1_700_000_000_123_456_789, -5, 2**32 * 10**9 + 7):
        os.utime("f", ns=(t, t))
        found.append(kept(t, os.stat("f").st_mtime_ns))
    return ", ".join(found)


@row("mtime of a lower file and of its directory over chmod; of the directory over a write")
def _(w):
    put("d/f"), os.utime("d/f", ns=(1, 2)), os.utime("d", ns=(3, 4))
    yield
    os.chmod("d/f", 0o600)
    first = kept(2, os.stat("d/f").st_mtime_ns)
    write("d/f", b"x")
    return first + ", " + kept(4, os.stat("d").st_mtime_ns)


@row("Reading a lower file: the lower's access time, the mount's")
def _(w):
    put("f"), os.utime("f", ns=(1, 10**18))
    yield
    cat("f"), os.listdir(".")
    return kept(1, os.stat(w.base / "f").st_atime_ns) + ", " + kept(1, os.stat("f").st_atime_ns)


@row("Reading a promoted file under relatime: access time")
def _(w):
    put("f")
    yield
    write("f", b"x"), os.utime("f", ns=(1, 10**18)), cat("f")
    return "moves" if os.stat("f").st_atime_ns != 1 else "stays"


@row("Reading a file whose metadata alone is in the upper, under relatime: access time",
     because="its data is read from the lower, whose times never move")
def _(w):
    put("f")
    yield
    os.utime("f", ns=(1, 10**18)), cat("f")
    return "moves" if os.stat("f").st_atime_ns != 1 else "stays"


@row("Reading a promoted file under the mount option noatime: access time", options="noatime",
     because="the kernel reads by itself, as the mount that holds the upper says; with `passthrough=off` it stays")
def _(w):
    put("f")
    yield
    write("f", b"x"), os.utime("f", ns=(1, 10**18)), cat("f")
    return "moves" if os.stat("f").st_atime_ns != 1 else "stays"


@row("Listing a promoted directory under relatime: access time",
     because="FUSE answers from its cache of the listing, and does not tell")
def _(w):
    put("d/x")
    yield
    os.utime("d", ns=(1, 10**18)), os.listdir("d")
    return "moves" if os.stat("d").st_atime_ns != 1 else "stays"


@row("user, trusted and security xattrs over a promotion")
def _(w):
    put("f")
    for n in ("user.a", "trusted.a", "security.a"):
        os.setxattr("f", n, b"v")
    yield
    write("f", b"x")
    return " ".join(xattrs("f"))


@row("Trusted xattrs in a list: for root, for a user")
def _(w):
    put("f"), os.setxattr("f", "user.a", b"v"), os.setxattr("f", "trusted.a", b"v")
    yield
    return " ".join(xattrs("f")) + ", " + by_user(1000, 1000, lambda: " ".join(xattrs("f")))


@row("xattrs of a symbolic link: trusted of a lower over chown; user set")
def _(w):
    os.symlink("t", "s"), os.setxattr("s", "trusted.a", b"v", follow_symlinks=False)
    yield
    os.chown("s", 5, 5, follow_symlinks=False)
    return (" ".join(xattrs("s")) or "none") + ", " + outcome_of(lambda: os.setxattr("s", "user.a", b"v", follow_symlinks=False))


@row("An xattr of 64 KiB, and larger than the upper's filesystem holds")
def _(w):
    put("f")
    yield
    return try_all(lambda: os.setxattr("f", "user.a", b"x" * 65537), lambda: os.setxattr("f", "user.a", b"x" * 65536),
                   lambda: os.setxattr("f", "user.a", b"x" * 2000))


@row("removexattr and XATTR_CREATE, XATTR_REPLACE on a lower file")
def _(w):
    put("f"), os.setxattr("f", "user.a", b"v")
    yield
    return try_all(lambda: os.setxattr("f", "user.a", b"w", os.XATTR_CREATE), lambda: os.setxattr("f", "user.b", b"w", os.XATTR_REPLACE),
                   lambda: os.removexattr("f", "user.b"), lambda: os.removexattr("f", "user.a")) + ", left: " + (" ".join(xattrs("f")) or "none")


@row("The union's own xattrs are hidden from listxattr and getxattr")
def _(w):
    put("d/x")
    yield
    shutil.rmtree("d"), os.mkdir("d")
    return (" ".join(xattrs("d")) or "none") + ", " + outcome_of(lambda: os.getxattr("d", "trusted.overlay.opaque"))


@row("trusted.overlay.opaque set by root on a directory: seen, in the upper under")
def _(w):
    put("d/x")
    yield
    done = outcome_of(lambda: os.setxattr("d", "trusted.overlay.opaque", b"y"))
    names = [n for n in os.listxattr(w.upper / "d") if "opaque" in n] if (w.upper / "d").exists() else []
    return "%s, %s, %s, lists %s" % (done, outcome_of(lambda: os.getxattr("d", "trusted.overlay.opaque").decode()), " ".join(names) or "nothing", ls("d"))


@row("user.overlay.opaque set by a user on a mount with trusted xattrs")
def _(w):
    put("d/x"), os.chmod("d", 0o777)
    yield
    return by_user(1000, 1000, lambda: os.setxattr("d", "user.overlay.opaque", b"y")) + ", lists " + ls("d")


@row("POSIX ACL of a lower file lets a named user read; after promotion")
def _(w):
    put("f", "data", 0o600), os.setxattr("f", ACCESS, acl((USER_OBJ, 6, None), (USER, 4, 1000), (GROUP_OBJ, 0, None), (MASK, 4, None), (OTHER, 0, None)))
    yield
    first = by_user(1000, 1000, lambda: cat("f")), by_user(1001, 1001, lambda: cat("f"))
    os.chown("f", -1, 5)
    return "%s %s, %s %s" % (first + (by_user(1000, 1000, lambda: cat("f")), by_user(1001, 1001, lambda: cat("f"))))


@row("Default ACL of a lower directory: a new file's ACL, whatever the umask; a new directory's")
def _(w):
    os.mkdir("d"), os.setxattr("d", DEFAULT, acl((USER_OBJ, 7, None), (USER, 6, 1000), (GROUP_OBJ, 5, None), (MASK, 7, None), (OTHER, 0, None)))
    yield
    os.umask(0o077)
    os.close(os.open("d/f", os.O_CREAT | os.O_WRONLY, 0o666)), os.mkdir("d/e")
    return "%s %s, %s %s" % (bits("d/f"), "ACL" if ACCESS in xattrs("d/f") else "none", bits("d/e"), "default" if DEFAULT in xattrs("d/e") else "none")


@row("chmod changes the mask of an ACL; setfacl changes the mode")
def _(w):
    put("f"), os.setxattr("f", ACCESS, acl((USER_OBJ, 6, None), (USER, 6, 1000), (GROUP_OBJ, 4, None), (MASK, 6, None), (OTHER, 4, None)))
    yield
    os.chmod("f", 0o640)
    mask = struct.unpack_from("<HH", os.getxattr("f", ACCESS), 4 + 8 * 3)[1]
    os.setxattr("f", ACCESS, acl((USER_OBJ, 6, None), (GROUP_OBJ, 0, None), (OTHER, 0, None)))
    return "mask %d, mode %s" % (mask, bits("f"))


def with_flags(path, value, action):
    flags(path, value)
    try:
        return action()
    finally:
        flags(path, 0)


@row("chattr +i on a promoted file: write, unlink, chmod")
def _(w):
    put("f")
    yield
    write("f", b"x")
    return with_flags("f", 0x10, lambda: try_all(lambda: write("f", b"x"), lambda: os.unlink("f"), lambda: os.chmod("f", 0o600)))


@row("chattr +a on a promoted file: write, append")
def _(w):
    put("f")
    yield
    write("f", b"x")
    return with_flags("f", 0x20, lambda: try_all(lambda: write("f", b"x"), lambda: write("f", b"x", os.O_WRONLY | os.O_APPEND)))


@row("An immutable lower file: write, unlink")
def _(w):
    put("f")
    yield
    return with_flags(w.base / "f", 0x10, lambda: try_all(lambda: write("f", b"x"), lambda: os.unlink("f")))


@row("lsattr of a lower file; chattr +d on it, seen then")
def _(w):
    put("f")
    yield
    return "%#x, then %#x" % (flags("f") & 0x40, flags("f", 0x40) & 0x40)


@row("fs-verity ioctls where the upper has none")
def _(w):
    put("f")
    yield
    fd = os.open("f", os.O_RDONLY)
    return try_all(lambda: fcntl.ioctl(fd, 0xC0046686, struct.pack("HH", 0, 32) + b"\0" * 32),
                   lambda: fcntl.ioctl(fd, 0x40806685, struct.pack("IIIIQII", 1, 1, 4096, 0, 0, 0, 0) + b"\0" * 96))


@row("An ioctl that no filesystem knows")
def _(w):
    put("f")
    yield
    fcntl.ioctl(os.open("f", os.O_RDONLY), 0x80046699, b"\0" * 4)


@row("statfs: longest name, free space as of the upper")
def _(w):
    yield
    ours, theirs = os.statvfs("."), os.statvfs(w.union.place / "upper")
    return "%d, %s" % (ours.f_namemax, text(abs(ours.f_bavail * ours.f_frsize - theirs.f_bavail * theirs.f_frsize) < 1 << 28))


@row("A user and a file of mode 600 of root's: read, write, chmod, access(2)")
def _(w):
    put("f", "data", 0o600)
    yield
    return by_user(1000, 1000, lambda: try_all(lambda: cat("f"), lambda: write("f", b"x"), lambda: os.chmod("f", 0o666)) + ", " + text(os.access("f", os.R_OK)))


@row("A user who may write a file sets its times to now, to a given time")
def _(w):
    put("f", "data", 0o666)
    yield
    return by_user(1000, 1000, lambda: try_all(lambda: os.utime("f"), lambda: os.utime("f", ns=(1, 2))))


@row("A file's owner changes its owner, its group to one of his, to another")
def _(w):
    put("f"), os.chown("f", 1000, 1000)
    yield
    return by_user(1000, 1000, lambda: try_all(lambda: os.chown("f", 1001, -1), lambda: os.chown("f", -1, 50), lambda: os.chown("f", -1, 51)), groups=(50,))


@row("Metadata of a merged directory")
def _(w):
    put("d/x"), os.chown("d", 1, 1), os.setxattr("d", "user.a", b"base")
    put(w.top / "d/y"), os.chown(w.top / "d", 2, 2), os.chmod(w.top / "d", 0o750)
    yield
    return "%s %d, %s" % (bits("d"), os.stat("d").st_uid, " ".join(xattrs("d")) or "no xattrs")


@row("Metadata of the root directory: whose", alone=True)
def _(w):
    os.chmod(w.base, 0o711), os.chmod(w.top, 0o722), os.chmod(w.union.place / "upper", 0o733)
    yield
    return {"711": "bottom", "722": "top", "733": "upper"}[bits(".")]


@row("chmod and user xattrs of a symbolic link itself")
def _(w):
    os.symlink("t", "s")
    yield
    return outcome_of(lambda: check(libc.syscall(452, AT_FDCWD, b"s", 0o600, 0x100)) and None)
