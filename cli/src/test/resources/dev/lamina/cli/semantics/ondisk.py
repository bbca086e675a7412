"""What the upper holds afterwards."""
from probes import *

group("On disk")


def marks(path, *names):
    found = [n + "=" + raw_xattr(path, "trusted.overlay." + n).decode() for n in names if "trusted.overlay." + n in os.listxattr(path)]
    return " ".join(found) or "none"


@row("unlink of a lower file leaves")
def _(w):
    put("f")
    yield
    os.unlink("f")
    s = os.lstat(w.upper / "f")
    return "%s %d:%d" % (kind(w.upper / "f"), os.major(s.st_rdev), os.minor(s.st_rdev))


@row("unlink of a new file leaves")
def _(w):
    yield
    touch("f"), os.unlink("f")
    return there(w.upper / "f")


@row("rmdir of a merged directory leaves")
def _(w):
    put("d/x")
    yield
    touch("d/n"), shutil.rmtree("d")
    return kind(w.upper / "d")


@row("A directory made where a lower one was deleted")
def _(w):
    put("d/x")
    yield
    shutil.rmtree("d"), os.mkdir("d")
    return marks(w.upper / "d", "opaque", "redirect")


@row("A new directory where nothing was", because="there is nothing to hide, so nothing to write")
def _(w):
    yield
    os.mkdir("d")
    return marks(w.upper / "d", "opaque", "redirect")


@row("A lower directory renamed within its parent, into another")
def _(w):
    put("d/x"), put("e/y"), put("into/z")
    yield
    os.rename("d", "d2"), os.rename("e", "into/e2")
    return marks(w.upper / "d2", "redirect") + ", " + marks(w.upper / "into/e2", "redirect").replace(w.upper.name, "ROW")


@row("A directory renamed and renamed back: its redirect")
def _(w):
    put("d/x")
    yield
    os.rename("d", "e"), os.rename("e", "d")
    return marks(w.upper / "d", "redirect") + ", lists " + ls("d")


@row("A redirect of more than 256 bytes: the rename")
def _(w):
    name = "n" * 100
    put("%s/%s/%s/x" % (name, name, name)), os.mkdir("to")
    yield
    return try_all(lambda: os.rename("%s/%s/%s" % (name, name, name), "to/there"),
                   lambda: os.rename("%s/%s" % (name, name), "%s/short" % name))


@row("A promoted file: origin, and impure on its directory")
def _(w):
    put("d/f")
    yield
    write("d/f", b"x")
    names = lambda p: " ".join(sorted(n[16:] for n in os.listxattr(p) if n.startswith("trusted.overlay.")))
    return names(w.upper / "d/f") + ", " + names(w.upper / "d")


@row("Whiteouts share one inode")
def _(w):
    put("f"), put("g")
    yield
    os.unlink("f"), os.unlink("g")
    return ino(w.upper / "f") == ino(w.upper / "g")


@row("Entries of the work directory after an unmount", alone=True)
def _(w):
    put("f"), put("d/x")
    yield
    write("f", b"x"), shutil.rmtree("d"), os.mkdir("d")
    w.leave()
    return len(os.listdir(w.union.place / "work/work")) if (w.union.place / "work/work").exists() else 0


def change_everything():
    write("f", b"x"), os.unlink("g"), shutil.rmtree("d"), os.mkdir("d"), touch("d/n"), os.rename("e", "e2")
    os.symlink("t", "s"), os.chmod("h", 0o600), os.rename("f", "f2"), os.mkdir("g")
    return state()


def state():
    return "%s; d: %s; e2: %s; g: %s; %s %o" % (ls(), ls("d"), ls("e2"), ls("g"), cat("f2"), os.stat("h").st_mode)


def same_as(before):
    after = state()
    return "the same" if after == before else "%s, was %s" % (after, before)


def make_everything():
    put("f", "old"), put("g"), put("d/x"), put("e/y/z"), put("h")


@row("The upper left behind, mounted by kernel overlayfs: the tree", alone=True)
def _(w):
    make_everything()
    yield
    before = change_everything()
    w.remount(by="kernel")
    return same_as(before)


@row("The upper that kernel overlayfs left, mounted: the tree", alone=True)
def _(w):
    make_everything()
    yield
    w.remount(by="kernel")
    before = change_everything()
    w.remount()
    return same_as(before)


@row("The upper that Lamina left, mounted: the tree", alone=True)
def _(w):
    make_everything()
    yield
    w.remount(by="lamina")
    before = change_everything()
    w.remount()
    return same_as(before)


@row("A file that chattr +i of kernel overlayfs protects (overlay.protattr): write, unlink", alone=True,
     because="that mark is not read: a getxattr per file of the upper; chattr here sets the upper filesystem's own flags")
def _(w):
    put("f")
    yield
    w.remount(by="kernel")
    write("f", b"x"), flags("f", 0x10)
    w.remount()
    return try_all(lambda: write("f", b"x"), lambda: os.unlink("f"))


@row("A file that chattr +i protects here, mounted by kernel overlayfs: write, unlink", alone=True)
def _(w):
    put("f")
    yield
    write("f", b"x"), flags("f", 0x10)
    w.remount(by="kernel")
    try:
        return try_all(lambda: write("f", b"x"), lambda: os.unlink("f"))
    finally:
        outcome_of(lambda: flags("f", 0)), outcome_of(lambda: flags(w.upper / "f", 0))


@row("The lower after all changes: contents, metadata, times", alone=True)
def _(w):
    make_everything()
    def recorded():
        found = []
        for d, ds, fs in os.walk(w.base):
            for p in [d] + [os.path.join(d, f) for f in fs]:
                s = os.lstat(p)
                found.append((p, s.st_mode, s.st_uid, s.st_mtime_ns, s.st_ctime_ns, s.st_atime_ns if not stat.S_ISDIR(s.st_mode) else 0, s.st_nlink, s.st_size))
        return sorted(found)
    before = recorded()
    yield
    change_everything()
    return kept(before, recorded())
