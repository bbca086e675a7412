"""Ownership."""
from probes import *

group("Ownership")


def owner(path):
    s = os.lstat(path)
    return "%d:%d" % (s.st_uid, s.st_gid)


@row("Files, directories, links, fifos and O_TMPFILE made by a user")
def _(w):
    os.mkdir("d"), os.chmod("d", 0o777)
    yield
    def make():
        os.chdir("d"), touch("f"), os.mkdir("e"), os.symlink("t", "s"), os.mkfifo("p")
        link_fd(os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600), "tmp")
    failed = by_user(1000, 1001, make)
    return failed + ", " + " ".join(sorted({owner("d/" + n) for n in os.listdir("d")}))


@row("A user of the directory's group by supplementary group creates")
def _(w):
    os.mkdir("d"), os.chown("d", 0, 50), os.chmod("d", 0o770)
    yield
    return by_user(1000, 1000, lambda: touch("d/f"), groups=(50,)) + " " + owner("d/f") + ", others " + by_user(1000, 1000, lambda: touch("d/g"))


@row("The umask of the caller")
def _(w):
    os.mkdir("d")
    yield
    os.umask(0o027)
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, 0o666)), os.mkdir("e", 0o777)
    return "%o %o" % (stat.S_IMODE(os.stat("f").st_mode), stat.S_IMODE(os.stat("e").st_mode))


@row("The owner of a file promoted by another user's write")
def _(w):
    put("f", "data", 0o666), os.chown("f", 1001, 1002)
    yield
    by_user(1000, 1000, lambda: write("f", b"x"))
    return owner("f") + ", in the upper " + owner(w.upper / "f")


@row("The owner of a directory promoted by another user's creation in it")
def _(w):
    os.mkdir("d"), os.chown("d", 1001, 1002), os.chmod("d", 0o777)
    yield
    by_user(1000, 1000, lambda: touch("d/f"))
    return owner("d") + ", in the upper " + owner(w.upper / "d")


@row("A user renames a lower file of root's in a directory that he may write to")
def _(w):
    put("d/f"), os.chmod("d", 0o777)
    yield
    return by_user(1000, 1000, lambda: os.rename("d/f", "d/g")) + " " + owner("d/g")


@row("A user links a lower file of root's (protected_hardlinks)")
def _(w):
    put("d/f"), os.chmod("d", 0o777)
    yield
    return by_user(1000, 1000, lambda: os.link("d/f", "d/g"))


@row("A setuid program of a lower, run by a user")
def _(w):
    shutil.copy("/usr/bin/id", "id"), os.chmod("id", 0o4755)
    yield
    return by_user(1000, 1000, lambda: subprocess.check_output(["./id", "-u"]).decode().strip())


@row("Owners beyond 16 bits")
def _(w):
    put("f"), os.chown("f", 3_000_000_000, 4_000_000_000)
    yield
    os.chown("f", 4_294_967_293, -1)
    return owner("f")


NO_OPTION = "overlayfs has no such option"


@row("A file of 5:6 and one of root", options="squash_to_root", because=NO_OPTION)
def _(w):
    put("f"), os.chown("f", 5, 6), put("g")
    yield
    return owner("f") + ", " + owner("g")


@row("A file of 5:6, and one made by root: shown, stored", options="squash_to_uid=7,squash_to_gid=8", because=NO_OPTION)
def _(w):
    put("f"), os.chown("f", 5, 6)
    yield
    touch("g")
    return owner("f") + ", " + owner("g") + ", " + owner(w.upper / "g")


@row("A file of 1005, one of root, and one made by root: shown, stored", options="uidmapping=0:0:1:1000:1:10,gidmapping=0:0:1:1000:1:10", because=NO_OPTION)
def _(w):
    put("f"), os.chown("f", 1005, 1005), put("g")
    yield
    touch("h"), os.chown("h", 3, 3)
    return owner("f") + ", " + owner("g") + ", " + owner("h") + " " + owner(w.upper / "h")


@row("A file with user.containers.override_stat = 5:6:0640", options="xattr_permissions=2", because=NO_OPTION)
def _(w):
    put("f"), os.setxattr("f", "user.containers.override_stat", b"5:6:0640:file")
    yield
    return owner("f") + " %o" % stat.S_IMODE(os.stat("f").st_mode)
