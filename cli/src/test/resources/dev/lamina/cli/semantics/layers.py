"""Layers."""
from probes import *

group("Layers")


def whiteout(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.mknod(path, stat.S_IFCHR, 0)


def fresh(w, **mount):
    """Leaves the mount and makes another over layers that the row changed."""
    os.chdir("/")
    w.union.umount()
    w.union.mount(**mount)
    os.chdir(w.mnt)


@row("A name in both layers: files, file over directory, directory over file")
def _(w):
    put("f", "base"), put("d/x"), put("g", "base")
    put(w.top / "f", "top"), put(w.top / "d", "top"), put(w.top / "g/y")
    yield
    return "%s, %s, %s" % (cat("f"), kind("d"), kind("g"))


@row("A whiteout in the upper layer, an opaque directory")
def _(w):
    put("f"), put("d/old"), put(w.top / "d/new"), whiteout(w.top / "f")
    os.setxattr(w.top / "d", "trusted.overlay.opaque", b"y")
    yield
    return "%s, %s, %s" % (there("f"), ls("d"), ls())


@row("A whiteout in the lowest layer, listed and looked up", because="a whiteout is never shown; overlayfs lists a directory raw that merges with nothing")
def _(w):
    put("d/f"), whiteout("d/w")
    yield
    return "listed: %s, lookup: %s" % (ls("d"), there("d/w"))


@row("Nested opaque directories: what they hid, after the outer one is renamed")
def _(w):
    put("a/b/c/old")
    for d in ("a", "a/b"):
        os.makedirs(w.top / d, exist_ok=True), os.setxattr(w.top / d, "trusted.overlay.opaque", b"y")
    put(w.top / "a/b/c/new")
    yield
    os.rename("a", "z")
    return ls("z/b/c") + ", " + there("a")


@row("Whiteouts as xattrs (overlay.whiteout)")
def _(w):
    put("d/f"), put("d/g"), put(w.top / "d/f", "")
    os.setxattr(w.top / "d/f", "trusted.overlay.whiteout", b"y"), os.setxattr(w.top / "d", "trusted.overlay.opaque", b"x")
    yield
    return ls("d") + ", " + there("d/f")


@row("AUFS marks in a layer: .wh.NAME, .wh..wh..opq", because="podman's and Docker's layers have them; `lamina mount` takes them for names, as overlayfs does")
def _(w):
    put("d/f"), put("e/g"), put(w.top / "d/.wh.f", ""), put(w.top / "e/.wh..wh..opq", "")
    yield
    return "d: %s, e: %s" % (ls("d"), ls("e"))


@row("fuse-overlayfs's mark in a layer: user.fuseoverlayfs.opaque", because="layers that fuse-overlayfs left keep their meaning")
def _(w):
    put("d/old"), put(w.top / "d/new"), os.setxattr(w.top / "d", "user.fuseoverlayfs.opaque", b"y")
    yield
    return ls("d")


@row("500 lowers", alone=True)
def _(w):
    put("f", "base")
    yield
    w.leave()
    os.mkdir(w.union.place / "l")
    os.chdir(w.union.place / "l")
    for i in range(498):
        os.mkdir(str(i))
    put("7/f", "seventh"), put("497/g", "last")
    w.union.mount(lowers=[str(i) for i in range(498)] + ["../top", "../base"])
    os.chdir(w.mnt)
    return "%s, %s" % (cat("f"), cat("g"))


@row("Data-only lowers (`lowerdir=A::D`): their names; data of a file that leads there", alone=True)
def _(w):
    yield
    w.leave()
    data = w.union.place / "data"
    put(data / "objects/1", "of the data layer"), put(w.top / "f", "")
    os.truncate(w.top / "f", 17)
    os.setxattr(w.top / "f", "trusted.overlay.metacopy", b""), os.setxattr(w.top / "f", "trusted.overlay.redirect", b"/objects/1")
    w.union.mount(lowers=[w.top, "", data])
    os.chdir(w.mnt)
    return ls() + ", " + (cat("f").strip("\0") or "nothing")


@row("A lower with a colon in its path, with a comma", alone=True)
def _(w):
    yield
    w.leave()
    a, b = w.union.place / "a:b", w.union.place / "c,d"
    put(a / "x"), put(b / "y")
    w.union.mount(lowers=[str(a).replace(":", "\\:"), str(b).replace(",", "\\,")])
    return ls(w.mnt)


@row("A lower given as a symbolic link", alone=True)
def _(w):
    put("f", "behind")
    yield
    os.symlink(w.base, w.union.place / "link")
    fresh(w, lowers=[w.union.place / "link"])
    return cat("f")


@row("No upper: write, unlink, mkdir, chmod", alone=True)
def _(w):
    put("f")
    yield
    fresh(w, upper="")
    return try_all(lambda: write("f", b"x"), lambda: os.unlink("f"), lambda: os.mkdir("d"), lambda: os.chmod("f", 0o600)) + ", " + cat("f")


@row("The mount option ro: write", options="ro")
def _(w):
    put("f")
    yield
    write("f", b"x")


@row("The mount options nosuid, nodev, noexec", options="nosuid,nodev,noexec")
def _(w):
    put("s", "#!/bin/sh\n", 0o755), os.mknod("c", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    yield
    return try_all(lambda: subprocess.call(["./s"]), lambda: os.open("c", os.O_RDONLY))


@row("userxattr: a directory deleted and made again", options="userxattr")
def _(w):
    put("d/x")
    yield
    shutil.rmtree("d"), os.mkdir("d")
    return "%s, %s" % (ls("d"), " ".join(n for n in os.listxattr(w.upper / "d") if "opaque" in n))


@row("userxattr: a lower directory is renamed", options="userxattr")
def _(w):
    put("d/x")
    yield
    os.rename("d", "e")


@row("volatile: the upper after an unmount, mounted again", options="volatile", alone=True)
def _(w):
    put("f")
    yield
    write("f", b"x")
    fd = os.open("f", os.O_RDONLY)
    os.fsync(fd), os.close(fd)
    left = there(w.union.place / "work/work/incompat/volatile") if SYSTEM_HAS_MARK(w) else "gone"
    return "mark %s, %s" % (left, outcome_of(lambda: fresh(w)))


def SYSTEM_HAS_MARK(w):
    return (w.union.place / "work/work").exists()


@row("An unknown mark in work/incompat: the mount", alone=True)
def _(w):
    yield
    w.leave()
    (w.union.place / "work/work/incompat/unknown").mkdir(parents=True)
    return outcome_of(lambda: w.union.mount())


@row("An upper on tmpfs: a promotion, a deletion, a new directory", alone=True)
def _(w):
    put("f", "x"), put("d/x")
    yield
    w.leave()
    t = w.union.place / "t"
    t.mkdir(), subprocess.run(["mount", "-t", "tmpfs", "t", t], check=True)
    os.mkdir(t / "u"), os.mkdir(t / "w")
    w.union.mount(upper=t / "u", work=t / "w")
    os.chdir(w.mnt)
    write("f", b"y"), shutil.rmtree("d"), os.mkdir("d")
    return cat("f") + ", " + ls("d")


@row("An upper without xattrs (ramfs): rmdir and mkdir of a merged directory", alone=True,
     because="`.wh..wh..opq` says opaque where xattrs cannot")
def _(w):
    put("d/x")
    yield
    w.leave()
    t = w.union.place / "t"
    t.mkdir(), subprocess.run(["mount", "-t", "ramfs", "t", t], check=True)
    os.mkdir(t / "u"), os.mkdir(t / "w")
    w.union.mount(upper=t / "u", work=t / "w", options="")
    os.chdir(w.mnt)
    return try_all(lambda: os.unlink("d/x"), lambda: os.rmdir("d"), lambda: os.mkdir("d"), lambda: ls("d"))


def nested(w, by):
    """A mount by another program as the lower of this one."""
    os.chdir("/")
    w.union.umount()
    p = w.union.place
    for d in ("upper2", "work2", "mnt2"):
        (p / d).mkdir()
    w.union.mount(by=by)
    os.chdir(w.mnt)
    write("f", b"x"), os.unlink("g"), shutil.rmtree("d"), os.mkdir("d"), touch("d/inner")
    w.union.mount(lowers=[w.mnt], upper=p / "upper2", work=p / "work2", on=p / "mnt2")
    os.chdir(p / "mnt2")
    os.unlink("f"), touch("d/outer")
    found = "%s, %s" % (ls(), ls("d"))
    os.chdir("/")
    w.union.umount(p / "mnt2")
    return found


@row("A lower that is a mount of the same program", alone=True)
def _(w):
    put("f"), put("g"), put("d/x")
    yield
    return nested(w, None)


@row("A lower that is kernel overlayfs", alone=True)
def _(w):
    put("f"), put("g"), put("d/x")
    yield
    return nested(w, "kernel")


@row("A lower that is Lamina", alone=True)
def _(w):
    put("f"), put("g"), put("d/x")
    yield
    return nested(w, "lamina")


@row("An upper inside kernel overlayfs: the mount", alone=True)
def _(w):
    yield
    w.leave()
    w.union.mount(by="kernel")
    for d in ("u", "w"):
        (w.mnt / d).mkdir()
    (w.union.place / "mnt2").mkdir()
    return outcome_of(lambda: w.union.mount(upper=w.mnt / "u", work=w.mnt / "w", on=w.union.place / "mnt2"))


@row("One lower given twice: the mount", alone=True)
def _(w):
    yield
    w.leave()
    return outcome_of(lambda: w.union.mount(lowers=[w.base, w.base]))


@row("A lower inside another: the mount", alone=True)
def _(w):
    os.mkdir("sub")
    yield
    w.leave()
    return outcome_of(lambda: w.union.mount(lowers=[w.base / "sub", w.base]))


@row("The upper inside a lower: the mount", alone=True, because="what is written would show twice; caches could not know")
def _(w):
    os.mkdir("u"), os.mkdir("w")
    yield
    w.leave()
    return outcome_of(lambda: w.union.mount(upper=w.base / "u", work=w.base / "w"))


@row("The work directory inside the upper: the mount", alone=True)
def _(w):
    yield
    w.leave()
    (w.union.place / "upper/w").mkdir()
    return outcome_of(lambda: w.union.mount(work=w.union.place / "upper/w"))


@row("The work directory on another filesystem than the upper: the mount", alone=True)
def _(w):
    yield
    w.leave()
    subprocess.run(["mount", "-t", "tmpfs", "t", w.union.place / "work"], check=True)
    return outcome_of(lambda: w.union.mount())


@row("An upper in use by another mount: the mount", alone=True)
def _(w):
    yield
    (w.union.place / "mnt2").mkdir()
    return outcome_of(lambda: w.union.mount(on=w.union.place / "mnt2"))


@row("An upper in use by another mount: the mount", options="index=off", alone=True, because="both would change it, whatever the index")
def _(w):
    yield
    (w.union.place / "mnt2").mkdir()
    return outcome_of(lambda: w.union.mount(on=w.union.place / "mnt2"))


@row("A lower as the mount point", alone=True)
def _(w):
    put("f", "lower")
    yield
    w.leave()
    w.union.mount(on=w.base)
    os.chdir(w.base)
    write("f", b"UPPER")
    seen = cat("f")
    os.chdir("/"), w.union.umount(w.base)
    return seen + ", then " + cat(w.base / "f")


@row("A mount point inside a lower: the mount", alone=True, because="a request would come back into the mount that answers it; overlayfs has a private copy of the lower's mount")
def _(w):
    os.mkdir("inside")
    yield
    w.leave()
    return outcome_of(lambda: w.union.mount(on=w.base / "inside"))


@row("A file added to a lower while it is mounted, in a directory not listed yet")
def _(w):
    put("d/x")
    yield
    put(w.base / "d/added")
    return ls("d")
