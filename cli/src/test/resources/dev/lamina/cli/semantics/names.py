"""Names and links."""
from probes import *

group("Names and links")


@row("A lower file is renamed over another lower file")
def _(w):
    put("a", "a"), put("b", "b")
    yield
    os.rename("a", "b")
    return ls() + ", content " + cat("b")


@row("A new file is renamed over a lower file and unlinked: the lower file")
def _(w):
    put("f")
    yield
    touch("n"), os.rename("n", "f"), os.unlink("f")
    return there("f") + ", listed: " + ls()


@row("A new symbolic link is renamed over a lower file and moved away: the lower file")
def _(w):
    put("f")
    yield
    os.symlink("t", "n"), os.rename("n", "f"), os.rename("f", "g")
    return there("f") + ", listed: " + ls()


@row("A new file is exchanged with a lower file and both are unlinked: the lower file")
def _(w):
    put("f")
    yield
    touch("n"), renameat2("n", "f", EXCHANGE), os.unlink("f"), os.unlink("n")
    return there("f") + ", listed: " + ls()


@row("RENAME_NOREPLACE onto a lower file, onto a deleted one")
def _(w):
    put("a"), put("b"), put("c")
    yield
    os.unlink("c")
    return try_all(lambda: renameat2("a", "b", NOREPLACE), lambda: renameat2("a", "c", NOREPLACE))


@row("RENAME_EXCHANGE of a lower file and a lower directory")
def _(w):
    put("f", "f"), put("d/x")
    yield
    renameat2("f", "d", EXCHANGE)
    return kind("f") + " " + ls("f") + ", " + kind("d") + " " + cat("d")


@row("RENAME_EXCHANGE with a name that is not there, with a deleted one")
def _(w):
    put("f"), put("g")
    yield
    os.unlink("g")
    return try_all(lambda: renameat2("f", "x", EXCHANGE), lambda: renameat2("f", "g", EXCHANGE))


@row("RENAME_WHITEOUT of a lower file by root: the old name")
def _(w):
    put("f")
    yield
    renameat2("f", "g", WHITEOUT)
    return there("f") + ", listed: " + ls()


@row("RENAME_WHITEOUT of a new file by root: the old name")
def _(w):
    yield
    touch("f"), renameat2("f", "g", WHITEOUT)
    return there("f") + ", listed: " + ls()


@row("A lower directory is renamed (redirect_dir=on)")
def _(w):
    put("d/sub/x", "below")
    yield
    os.rename("d", "e")
    return there("d") + ", " + cat("e/sub/x")


@row("A lower directory is renamed, redirect_dir=off", options="redirect_dir=off")
def _(w):
    put("d/x")
    yield
    os.rename("d", "e")


@row("mv of a lower directory, redirect_dir=off", options="redirect_dir=off")
def _(w):
    put("d/x", "below")
    yield
    subprocess.run(["mv", "d", "e"], check=True)
    return there("d") + ", " + cat("e/x")


@row("A merged directory is renamed twice, its names in the layers made anew")
def _(w):
    put("d/base"), put(w.top / "d/top")
    yield
    touch("d/new"), os.rename("d", "e"), os.mkdir("d"), os.rename("e", "f"), os.mkdir("e")
    return "d: %s, e: %s, f: %s" % (ls("d"), ls("e"), ls("f"))


@row("A renamed directory is renamed into another renamed one")
def _(w):
    put("a/x"), put("b/y")
    yield
    os.rename("a", "a2"), os.rename("b", "b2"), os.rename("a2", "b2/a3")
    return ls("b2") + ", " + ls("b2/a3")


@row("A renamed directory over an opaque one")
def _(w):
    put("a/x"), put("b/y")
    yield
    os.unlink("b/y"), os.rmdir("b"), os.mkdir("b"), os.rename("a", "b")
    return ls("b") + ", a " + there("a")


@row("A directory is renamed over an empty lower one, over a full one")
def _(w):
    os.mkdir("empty"), put("full/x"), put("d/y")
    yield
    return try_all(lambda: os.rename("d", "full"), lambda: os.rename("d", "empty")) + ": " + ls("empty")


@row("A directory is renamed over one whose lower files were all deleted")
def _(w):
    put("a/x"), put("b/y")
    yield
    os.unlink("b/y"), os.rename("a", "b")
    return ls("b")


@row("A directory is renamed into itself")
def _(w):
    put("d/x")
    yield
    os.rename("d", "d/e")


@row("A file is renamed over a directory, a directory over a file")
def _(w):
    put("d/x"), put("f")
    yield
    return try_all(lambda: os.rename("f", "d"), lambda: os.rename("d", "f"))


@row("An open directory and a working directory go along with a rename")
def _(w):
    put("d/sub/x", "below")
    yield
    fd = os.open("d", os.O_RDONLY)
    os.chdir("d/sub"), os.rename("../../d", "../../e")
    return cat("x") + ", " + " ".join(os.listdir(fd)) + ", " + os.getcwd().split("/")[-2]


@row("A name of 255 bytes, of 256 bytes: lookup")
def _(w):
    put("n" * 255)
    yield
    return try_all(lambda: os.stat("n" * 255).st_size, lambda: os.stat("n" * 256).st_size)


@row("A name of 255 bytes, of 256 bytes: create, rename")
def _(w):
    put("f")
    yield
    return try_all(lambda: touch("m" * 255), lambda: touch("m" * 256), lambda: os.rename("f", "o" * 255), lambda: os.rename("o" * 255, "o" * 256))


@row("A path of 4,095 bytes is opened")
def _(w):
    yield
    for i in range(15):
        os.mkdir("d" * 255), os.chdir("d" * 255)
    touch("f")
    for i in range(15):
        os.chdir("..")
    path = ("d" * 255 + "/") * 15
    path = "./" * ((4095 - len(path) - 1) // 2) + path + "f"
    return outcome_of(lambda: os.close(os.open(path, os.O_RDONLY))) + " with %d bytes" % len(path)


@row("Names that are not UTF-8, with newline, backslash, colon and comma")
def _(w):
    for n in (b"\xff\xfe", b"a\nb", b"a\\b", b"a:b,c"):
        write(n, b"x", os.O_CREAT | os.O_WRONLY)
    yield
    for n in sorted(os.listdir(b".")):
        os.rename(n, n + b"2")
    return " ".join(repr(n)[2:-1] for n in sorted(os.listdir(b".")))


@row("A name that begins with .wh. is made",
     because="fuse-lamina reads AUFS marks, as podman's layers have them; `lamina mount` takes such names")
def _(w):
    yield
    return outcome_of(lambda: touch(".wh.x")) + ", listed: " + ls()


@row("A lower file is unlinked and created with O_EXCL")
def _(w):
    put("f", "old")
    yield
    os.unlink("f")
    os.close(os.open("f", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    return "content '%s'" % cat("f")


@row("A deleted lower directory is made again: its old children")
def _(w):
    put("d/sub/x")
    yield
    shutil.rmtree("d"), os.mkdir("d"), os.mkdir("d/sub")
    return ls("d") + ", " + ls("d/sub")


@row("A deleted lower directory is replaced by a file, then by a directory: its old children")
def _(w):
    put("d/x")
    yield
    shutil.rmtree("d"), touch("d"), os.unlink("d"), os.mkdir("d")
    return ls("d")


@row("A directory deleted in an upper layer and made there again, deleted again: its children")
def _(w):
    put("d/e/x"), put(w.top / "d/e/y")
    yield
    shutil.rmtree("d/e"), os.mkdir("d/e"), touch("d/e/z"), shutil.rmtree("d"), os.makedirs("d/e")
    return ls("d") + ", " + ls("d/e")


@row("rmdir of a lower directory that is full, that was emptied")
def _(w):
    put("d/x")
    yield
    return try_all(lambda: os.rmdir("d"), lambda: os.unlink("d/x"), lambda: os.rmdir("d")) + ", " + there("d")


@row("rmdir of a directory whose layers hold whiteouts alone")
def _(w):
    put("d/x")
    (w.top / "d").mkdir(parents=True)
    os.mknod(w.top / "d/x", stat.S_IFCHR, 0)
    yield
    os.rmdir("d")
    return there("d")


@row("rm -r of a merged tree of 200 files")
def _(w):
    for i in range(100):
        put("t/d%d/f" % (i % 9), "x"), put("t/f%d" % i), put(w.top / ("t/g%d" % i))
    yield
    shutil.rmtree("t")
    return there("t")


@row("unlink of a directory, rmdir of a file, a path through a file")
def _(w):
    put("d/x"), put("f")
    yield
    return try_all(lambda: os.unlink("d"), lambda: os.rmdir("f"), lambda: touch("f/x"))


@row("A hard link to a lower file")
def _(w):
    put("f")
    yield
    os.link("f", "g")
    return "ino %s, nlink %d" % ("the same" if ino("f") == ino("g") else "differs", os.stat("f").st_nlink)


@row("A hard link to a lower symbolic link, fifo and device")
def _(w):
    os.symlink("t", "s"), os.mkfifo("p"), os.mknod("c", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    yield
    for n in "spc":
        os.link(n, n + "2", follow_symlinks=False)
    return ", ".join(kind(n + "2") for n in "spc")


@row("A hard link to a directory")
def _(w):
    os.mkdir("d")
    yield
    os.link("d", "e")


@row("A removed but open lower file is linked through /proc/self/fd")
def _(w):
    put("f")
    yield
    fd = os.open("f", os.O_RDONLY)
    os.unlink("f")
    link_fd(fd, "g")


@row("A removed but open file, already written to, is linked through /proc/self/fd")
def _(w):
    put("f")
    yield
    fd = os.open("f", os.O_RDWR)
    os.unlink("f")
    link_fd(fd, "g")


@row("O_TMPFILE, then a name for it")
def _(w):
    yield
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o644)
    os.write(fd, b"x")
    before = os.fstat(fd).st_nlink
    link_fd(fd, "named")
    return "nlink %d, then %d, content %s" % (before, os.fstat(fd).st_nlink, cat("named"))


@row("O_TMPFILE with O_EXCL, then a name for it")
def _(w):
    yield
    link_fd(os.open(".", os.O_TMPFILE | os.O_EXCL | os.O_RDWR, 0o644), "named")


@row("O_TMPFILE in a lower directory")
def _(w):
    put("d/x")
    yield
    link_fd(os.open("d", os.O_TMPFILE | os.O_RDWR, 0o644), "d/named")
    return ls("d")


@row("mknod of a character device 0:0 by root")
def _(w):
    yield
    os.mknod("w", stat.S_IFCHR | 0o600, 0)


@row("mknod of another device, a fifo, a socket")
def _(w):
    yield
    os.mknod("c", stat.S_IFCHR | 0o600, os.makedev(1, 3)), os.mkfifo("p"), os.mknod("s", stat.S_IFSOCK | 0o600)
    return ", ".join(kind(n) for n in "cps")


@row("Sticky directory: another user's file is unlinked, renamed")
def _(w):
    os.mkdir("tmp"), os.chmod("tmp", 0o1777), put("tmp/f"), os.chown("tmp/f", 1001, 1001)
    yield
    return by_user(1000, 1000, lambda: try_all(lambda: os.unlink("tmp/f"), lambda: os.rename("tmp/f", "tmp/g")))


@row("Types in a listing (d_type)")
def _(w):
    put("f"), os.mkdir("d"), os.symlink("t", "s"), os.mkfifo("p"), put(w.top / "g")
    yield
    types = {1: "p", 4: "d", 8: "f", 10: "s"}
    with os.scandir(".") as entries:
        return " ".join(sorted(e.name + ("/" if e.is_dir(follow_symlinks=False) else "@" if e.is_symlink() else "") for e in entries))


@row("A merged directory lists each name once")
def _(w):
    put("d/a"), put("d/b"), put(w.top / "d/b"), put(w.top / "d/c")
    yield
    touch("d/c"), touch("d/d"), os.unlink("d/a")
    return " ".join(sorted(os.listdir("d")))


@row("A directory of 3,000 entries is deleted while it is read")
def _(w):
    os.mkdir("d")
    for i in range(3000):
        touch("d/%04d" % i)
    yield
    with os.scandir("d") as entries:
        for e in entries:
            os.unlink(e.path)
    return "%d left" % len(os.listdir("d"))


@row("A listing read from the start again shows what came and went")
def _(w):
    put("d/a")
    yield
    fd = os.open("d", os.O_RDONLY)
    first = sorted(os.listdir(fd))
    os.unlink("d/a"), touch("d/b")
    return "%s, then %s" % (" ".join(first), " ".join(sorted(os.listdir(fd))))


@row("A symbolic link with a target of 4,095 bytes")
def _(w):
    os.symlink("t" * 4095, "s")
    yield
    os.symlink("u" * 4095, "n"), os.rename("s", "moved")
    return "%d, %d" % (len(os.readlink("moved")), len(os.readlink("n")))


@row("O_CREAT through a dangling lower symbolic link; O_NOFOLLOW on it")
def _(w):
    os.symlink("target", "s")
    yield
    return try_all(lambda: os.open("s", os.O_RDONLY | os.O_NOFOLLOW), lambda: touch("s")) + ", target " + there("target")


@row("O_CREAT with O_EXCL on a lower file")
def _(w):
    put("f")
    yield
    os.open("f", os.O_CREAT | os.O_EXCL)
