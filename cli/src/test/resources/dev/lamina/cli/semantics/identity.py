"""Identity."""
from probes import *

group("Identity")


@row("st_ino of a lower file over a write, chmod and rename")
def _(w):
    put("f")
    yield
    before = ino("f")
    write("f", b"x"), os.chmod("f", 0o600), os.rename("f", "g")
    return kept(before, ino("g"))


@row("st_ino of a promoted file over a remount", alone=True)
def _(w):
    put("f"), put("g")
    yield
    before = ino("f"), ino("g")
    write("f", b"x"), os.rename("g", "h")
    w.remount()
    return kept(before, (ino("f"), ino("h")))


@row("st_ino of a directory over copy-up and rename")
def _(w):
    put("d/x")
    yield
    before = ino("d")
    touch("d/n"), os.rename("d", "e")
    return kept(before, ino("e"))


@row("st_ino of a renamed merged directory over a remount", alone=True)
def _(w):
    put("d/x"), put(w.top / "d/y")
    yield
    before = ino("d")
    touch("d/n"), os.rename("d", "e")
    w.remount()
    return kept(before, ino("e"))


@row("st_ino of symbolic links, fifos and devices over copy-up")
def _(w):
    os.symlink("t", "s"), os.mkfifo("p"), os.mknod("c", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    yield
    before = [ino(n) for n in "spc"]
    for n in "spc":
        os.chown(n, 5, 6, follow_symlinks=False)
    return kept(before, [ino(n) for n in "spc"])


@row("st_ino of a file when the upper has become a lower and it is promoted again", alone=True)
def _(w):
    put("f"), put("d/x")
    yield
    before = ino("f"), ino("d/x")
    write("f", b"1"), write("d/x", b"1")
    rotated = w.union.place / "rotated"
    w.leave()
    os.rename(w.upper, rotated), shutil.rmtree(w.work), w.upper.mkdir(), w.work.mkdir()
    w.union.mount(lowers=(rotated, w.top, w.base))
    os.chdir(w.mnt)
    frozen = ino("f"), ino("d/x")
    write("f", b"2"), write("d/x", b"2")
    return "%s over the turn, %s over the copy-up" % (kept(before, frozen), kept(frozen, (ino("f"), ino("d/x"))))


@row("d_ino equals st_ino: lower, promoted, renamed, new and merged")
def _(w):
    for n in "abcd":
        put(n)
    put("m/x"), put(w.top / "m/y")
    yield
    write("b", b"x"), os.rename("c", "e"), touch("n"), touch("m/n")
    with os.scandir(".") as entries:
        wrong = [e.name for e in entries if e.inode() != ino(e.name)]
    with os.scandir("m") as entries:
        wrong += [e.path for e in entries if e.inode() != ino(e.path)]
    return "all" if not wrong else "not of " + " ".join(sorted(wrong))


@row("st_dev is the same for files and directories of all layers")
def _(w):
    put("a"), put("d/x"), put(w.top / "b")
    yield
    touch("n")
    return len({os.lstat(p).st_dev for p in (".", "a", "b", "d", "d/x", "n")}) == 1


@row("Files of layers on different filesystems: st_dev and st_ino are unique together", alone=True)
def _(w):
    subprocess.run(["mount", "-t", "tmpfs", "t", w.top], check=True)
    for i in range(50):
        put("a%d" % i), put(w.top / ("b%d" % i))
    yield
    for i in range(50):
        touch("n%d" % i)
    found = {(os.lstat(n).st_dev, os.lstat(n).st_ino) for n in os.listdir(".")}
    return len(found) == 150


@row("Hard links of a lower file have one st_ino")
def _(w):
    put("f"), os.link("f", "g")
    yield
    return ino("f") == ino("g")


@row("st_nlink of a lower file with two names, one of them unlinked")
def _(w):
    put("f"), os.link("f", "g")
    yield
    before = os.stat("f").st_nlink
    os.unlink("g")
    return "%d, then %d" % (before, os.stat("f").st_nlink)


@row("st_nlink of a new file with two names, one of them unlinked")
def _(w):
    yield
    touch("f"), os.link("f", "g")
    before = os.stat("f").st_nlink
    os.unlink("g")
    return "%d, then %d" % (before, os.stat("f").st_nlink)


@row("st_nlink of a merged directory, of a new one with two subdirectories")
def _(w):
    put("d/x"), put(w.top / "d/sub/y")
    yield
    os.makedirs("n/a"), os.makedirs("n/b")
    return "%d, %d" % (os.stat("d").st_nlink, os.stat("n").st_nlink)


@row("fstat of an unlinked, open lower file: st_nlink",
     because="the file has no name; overlayfs shows the lower's count")
def _(w):
    put("f")
    yield
    fd = os.open("f", os.O_RDONLY)
    os.unlink("f")
    return os.fstat(fd).st_nlink


@row("fchmod of an unlinked, open lower file",
     because="overlayfs cannot promote it: its own whiteout is in the way")
def _(w):
    put("f")
    yield
    fd = os.open("f", os.O_RDONLY)
    os.unlink("f")
    os.fchmod(fd, 0o600)
    return "%o" % (os.fstat(fd).st_mode & 0o777)


@row("fstat of an unlinked, open, promoted file: st_nlink")
def _(w):
    put("f")
    yield
    fd = os.open("f", os.O_RDWR)
    os.write(fd, b"x"), os.unlink("f")
    return os.fstat(fd).st_nlink


@row("An open descriptor and its name after promotion are one inode")
def _(w):
    put("f")
    yield
    fd = os.open("f", os.O_RDONLY)
    write("f", b"x")
    return os.path.sameopenfile(fd, os.open("f", os.O_RDONLY))


@row("A deleted lower file and a new one of its name: st_ino")
def _(w):
    put("f")
    yield
    before = ino("f")
    os.unlink("f"), touch("f")
    return kept(before, ino("f"))


def handle_of(path):
    memory = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + b"\0" * 128)
    mount = ctypes.c_int()
    check(libc.name_to_handle_at(AT_FDCWD, os.fsencode(path), memory, ctypes.byref(mount), 0))
    return memory


def open_handle(memory):
    fd = check(libc.open_by_handle_at(os.open(".", os.O_RDONLY), memory, os.O_RDONLY))
    return os.read(fd, 100).decode()


@row("open_by_handle_at of a lower file", because="FUSE gives handles; overlayfs does with nfs_export=on alone")
def _(w):
    put("f", "by handle")
    yield
    return outcome_of(lambda: open_handle(handle_of("f")))


@row("open_by_handle_at of a file promoted since", because="FUSE gives handles; overlayfs does with nfs_export=on alone")
def _(w):
    put("f", "by handle")
    yield
    def opened():
        handle = handle_of("f")
        write("f", b"BY")
        return open_handle(handle)
    return outcome_of(opened)


@row("The birth time (statx) is there")
def _(w):
    put("f")
    yield
    return subprocess.check_output(["stat", "-c", "%W", "f"]).strip() not in (b"0", b"-")


@row("The path of an open file follows a rename of its lower directory")
def _(w):
    put("d/f")
    yield
    fd = os.open("d/f", os.O_RDONLY)
    os.rename("d", "e")
    return os.readlink("/proc/self/fd/%d" % fd).split("/")[-2]
