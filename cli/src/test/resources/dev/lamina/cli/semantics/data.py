"""Data."""
from probes import *

group("Data")

FIBMAP, FICLONE, FIEMAP = 1, 0x40049409, 0xC020660B


def lower_sparse(path, size, at, data):
    fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    os.ftruncate(fd, size), os.pwrite(fd, data, at)
    os.close(fd)


@row("A write to a lower file: the lower")
def _(w):
    put("f", "lower")
    yield
    write("f", b"UPPER"), os.sync()
    return "%s, the mount %s" % (cat(w.base / "f"), cat("f"))


@row("O_APPEND to a lower file")
def _(w):
    put("f", "lower")
    yield
    write("f", b"+more", os.O_WRONLY | os.O_APPEND)
    return cat("f")


@row("O_TRUNC of a lower file")
def _(w):
    put("f", "lower")
    yield
    write("f", b"x", os.O_WRONLY | os.O_TRUNC)
    return cat("f")


@row("truncate of a lower file to a shorter and a longer size")
def _(w):
    put("f", "lower"), put("g", "lower")
    yield
    os.truncate("f", 2), os.truncate("g", 7)
    return repr(read("f")) + ", " + repr(read("g"))


@row("A read-only descriptor from before the promotion reads what is written after it")
def _(w):
    put("f", "lower")
    yield
    fd = os.open("f", os.O_RDONLY)
    os.pread(fd, 5, 0), write("f", b"UPPER")
    return os.pread(fd, 5, 0).decode()


@row("A shared, read-only mapping of a lower file shows what is written after its promotion",
     because="one inode has one page cache here; overlayfs keeps the lower's pages mapped")
def _(w):
    put("f", "lower")
    yield
    m = mmap.mmap(os.open("f", os.O_RDONLY), 0, mmap.MAP_SHARED, mmap.PROT_READ)
    m[:5], write("f", b"UPPER")
    return m[:5].decode()


@row("A write through a shared mapping is read by read(2), after msync by the upper's file")
def _(w):
    put("f", "lower")
    yield
    m = mmap.mmap(os.open("f", os.O_RDWR), 0)
    m[0:5] = b"UPPER"
    seen = cat("f")
    m.flush()
    return seen + ", " + cat(w.upper / "f")


@row("A private mapping keeps its changes to itself")
def _(w):
    put("f", "lower")
    yield
    m = mmap.mmap(os.open("f", os.O_RDONLY), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    m[0:5] = b"mine!"
    return cat("f")


@row("An open file that is unlinked stays readable and writable")
def _(w):
    put("f", "lower")
    yield
    r, rw = os.open("f", os.O_RDONLY), os.open("f", os.O_RDWR)
    os.unlink("f"), os.pwrite(rw, b"LO", 0), os.ftruncate(rw, 4)
    return os.pread(r, 10, 0).decode()


@row("An open lower file that another one is renamed over stays what it was")
def _(w):
    put("f", "old"), put("g", "new")
    yield
    fd = os.open("f", os.O_RDONLY)
    os.rename("g", "f")
    return os.pread(fd, 10, 0).decode() + ", by name " + cat("f")


@row("Opening a lower file for writing without writing: in the upper")
def _(w):
    put("f")
    yield
    os.close(os.open("f", os.O_WRONLY))
    return there(w.upper / "f")


@row("Reading, stat and access for writing of a lower file: in the upper")
def _(w):
    put("f")
    yield
    cat("f"), os.stat("f"), os.access("f", os.W_OK)
    return there(w.upper / "f")


@row("unlink of a lower file: its data in the upper")
def _(w):
    put("f")
    yield
    os.unlink("f")
    return kind(w.upper / "f")


@row("Holes of a lower file after promotion: blocks of 512 bytes")
def _(w):
    lower_sparse("f", 64 << 20, 32 << 20, b"middle")
    yield
    write("f", b"start")
    return "%d bytes, %s" % (os.stat("f").st_size, "sparse" if os.stat(w.upper / "f").st_blocks < 4000 else "filled")


@row("SEEK_DATA and SEEK_HOLE of a lower file")
def _(w):
    lower_sparse("f", 1 << 20, 1 << 19, b"middle")
    yield
    fd = os.open("f", os.O_RDONLY)
    data = os.lseek(fd, 0, os.SEEK_DATA)
    return "%d, %d, %s" % (data, os.lseek(fd, data, os.SEEK_HOLE), outcome_of(lambda: os.lseek(fd, 1 << 20, os.SEEK_DATA)))


@row("A hole punched into a file just promoted")
def _(w):
    put("f", "x" * 300_000)
    yield
    fallocate(os.open("f", os.O_RDWR), PUNCH | KEEP, 40960, 81920)
    return extents("f")


@row("fallocate: allocate, keep size, zero range")
def _(w):
    put("f", "x" * 9000)
    yield
    fd = os.open("f", os.O_RDWR)
    return try_all(*[(lambda h=h: fallocate(fd, h, 4096, 8192)) for h in (KEEP, ZERO | KEEP, 0)]) + ", %d bytes" % os.fstat(fd).st_size


@row("fallocate: collapse range, insert range", because="the FUSE protocol (7.45) has neither")
def _(w):
    put("f", "x" * 9000)
    yield
    fd = os.open("f", os.O_RDWR)
    return try_all(lambda: fallocate(fd, COLLAPSE, 0, 4096), lambda: fallocate(fd, INSERT, 0, 4096))


@row("copy_file_range from a file that only root may write, by a user")
def _(w):
    put("f", "read only", 0o444), os.mkdir("d"), os.chmod("d", 0o777)
    yield
    return by_user(1000, 1000, lambda: os.copy_file_range(os.open("f", os.O_RDONLY), os.open("d/n", os.O_WRONLY | os.O_CREAT, 0o400), 100))


@row("copy_file_range between lower files promotes")
def _(w):
    put("a", "aaaa"), put("b", "bbbb")
    yield
    os.copy_file_range(os.open("a", os.O_RDONLY), os.open("b", os.O_WRONLY), 2, 0, 1)
    return ls(w.upper) + ", content " + cat("b")


@row("FICLONE between files on a filesystem without reflinks")
def _(w):
    put("a"), put("b")
    yield
    fcntl.ioctl(os.open("b", os.O_RDWR), FICLONE, os.open("a", os.O_RDONLY))


@row("FIEMAP", because="FUSE does not carry it")
def _(w):
    put("f", "x" * 9000)
    yield
    fcntl.ioctl(os.open("f", os.O_RDONLY), FIEMAP, struct.pack("QQIIII", 0, 1 << 20, 0, 0, 0, 0))


@row("FIBMAP by root", because="FUSE says \"block 0\", not mapped, where it lies on no block device; overlayfs has no bmap")
def _(w):
    put("f", "x" * 9000)
    yield
    fcntl.ioctl(os.open("f", os.O_RDONLY), FIBMAP, struct.pack("i", 0))


@row("One name of a lower pair of hard links is written: the other name")
def _(w):
    put("f", "lower"), os.link("f", "g")
    yield
    write("f", b"UPPER")
    return "%s, ino %s, nlink %d" % (cat("g"), "the same" if ino("f") == ino("g") else "differs", os.stat("g").st_nlink)


@row("One name of a lower pair of hard links is written: the other name", options="index=off")
def _(w):
    put("f", "lower"), os.link("f", "g")
    yield
    write("f", b"UPPER")
    return "%s, ino %s, nlink %d" % (cat("g"), "the same" if ino("f") == ino("g") else "differs", os.stat("g").st_nlink)


@row("chmod, chown and times of a lower file of 1 MiB: blocks of 512 bytes in the upper")
def _(w):
    put("f", "x" * (1 << 20))
    yield
    os.chmod("f", 0o600), os.chown("f", 5, 5), os.utime("f", ns=(1, 2))
    return "few" if os.stat(w.upper / "f").st_blocks < 100 else "all"


@row("The data of a file that is in the upper as metadata alone, read and then written")
def _(w):
    put("f", "lower data")
    yield
    os.chmod("f", 0o600)
    first = cat("f")
    write("f", b"UPPER")
    return first + ", " + cat("f") + ", " + cat(w.upper / "f")


@row("O_DIRECT: an aligned read of a lower file, an aligned write")
def _(w):
    put("f", "x" * 8192)
    yield
    buffer = mmap.mmap(-1, 4096)
    return try_all(lambda: os.preadv(os.open("f", os.O_RDONLY | os.O_DIRECT), [buffer], 0),
                   lambda: os.pwritev(os.open("f", os.O_RDWR | os.O_DIRECT), [buffer], 4096))


@row("O_DIRECT: a write at an unaligned offset")
def _(w):
    put("f", "x" * 8192)
    yield
    return os.pwritev(os.open("f", os.O_RDWR | os.O_DIRECT), [mmap.mmap(-1, 4096)], 7)


@row("A buffered read after a direct write by another descriptor")
def _(w):
    put("f", "x" * 8192)
    yield
    fd = os.open("f", os.O_RDWR)
    os.pread(fd, 4, 0)
    buffer = mmap.mmap(-1, 4096)
    buffer.write(b"Z" * 4096)
    os.pwritev(os.open("f", os.O_RDWR | os.O_DIRECT), [buffer], 0)
    return os.pread(fd, 4, 0).decode()


@row("Opening a running program for writing (ETXTBSY): in the upper")
def _(w):
    shutil.copy("/bin/sleep", "sleep")
    yield
    os.rename("sleep", "s2"), os.chmod("s2", 0o755)
    os.close(os.open("s2", os.O_WRONLY))
    program = subprocess.Popen(["./s2", "20"])
    try:
        return outcome_of(lambda: os.close(os.open("s2", os.O_WRONLY)))
    finally:
        program.kill(), program.wait()


@row("Opening a running program for writing (ETXTBSY): in a lower")
def _(w):
    shutil.copy("/bin/sleep", "sleep")
    yield
    program = subprocess.Popen(["./sleep", "20"])
    try:
        return outcome_of(lambda: os.close(os.open("sleep", os.O_WRONLY)))
    finally:
        program.kill(), program.wait()


@row("A lower script and program are run")
def _(w):
    put("s", "#!/bin/sh\necho run\n", 0o755), shutil.copy("/bin/true", "t")
    yield
    return subprocess.check_output(["./s"]).decode().strip() + ", %d" % subprocess.call(["./t"])


@row("flock: two descriptors, one from before the promotion")
def _(w):
    put("f")
    yield
    r = os.open("f", os.O_RDONLY)
    fcntl.flock(r, fcntl.LOCK_EX)
    rw = os.open("f", os.O_RDWR)
    os.write(rw, b"x")
    first = outcome_of(lambda: fcntl.flock(rw, fcntl.LOCK_EX | fcntl.LOCK_NB))
    fcntl.flock(r, fcntl.LOCK_UN)
    return first + ", " + outcome_of(lambda: fcntl.flock(rw, fcntl.LOCK_EX | fcntl.LOCK_NB))


@row("POSIX locks of two processes")
def _(w):
    put("f", "data")
    yield
    fcntl.lockf(os.open("f", os.O_RDWR), fcntl.LOCK_EX, 2, 0)
    other = lambda at: by_user(0, 0, lambda: fcntl.lockf(os.open("f", os.O_RDWR), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at))
    return other(0) + ", beside it " + other(2)


@row("A write lease (F_SETLEASE)")
def _(w):
    put("f")
    yield
    fcntl.fcntl(os.open("f", os.O_RDWR), 1024, fcntl.F_WRLCK)


@row("inotify: a file created, written, renamed and unlinked in a lower directory")
def _(w):
    put("d/f")
    yield
    fd = check(libc.inotify_init1(os.O_NONBLOCK))
    check(libc.inotify_add_watch(fd, b"d", 0x2 | 0x100 | 0x40 | 0x80 | 0x200))
    write("d/f", b"x"), touch("d/n"), os.rename("d/n", "d/m"), os.unlink("d/f")
    events, at, data = [], 0, os.read(fd, 4096)
    names = {0x2: "modify", 0x100: "create", 0x40: "from", 0x80: "to", 0x200: "delete"}
    while at < len(data):
        _, mask, _, length = struct.unpack_from("iIII", data, at)
        events.append(names.get(mask & 0xFFF, hex(mask)))
        at += 16 + length
    return " ".join(events)


@row("sendfile from a lower file")
def _(w):
    put("f", "x" * 100_000)
    yield
    return os.sendfile(os.open("n", os.O_CREAT | os.O_WRONLY), os.open("f", os.O_RDONLY), 0, 100_000)


@row("fsync of a lower file, of a directory; syncfs")
def _(w):
    put("d/f")
    yield
    fd = os.open("d", os.O_RDONLY)
    return try_all(lambda: os.fsync(os.open("d/f", os.O_RDONLY)), lambda: os.fsync(fd), lambda: check(libc.syncfs(fd)) and None)


@row("A write beyond the file size limit")
def _(w):
    put("f")
    yield
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    return try_all(lambda: os.pwrite(os.open("f", os.O_RDWR), b"x", 2000), lambda: os.truncate("f", 2000))


@row("A lower file is truncated to 1 TiB: blocks in the upper")
def _(w):
    put("f")
    yield
    os.truncate("f", 1 << 40)
    return "few" if os.stat(w.upper / "f").st_blocks < 100 else "many"


@row("A promotion that does not fit (ENOSPC): the file afterwards", alone=True)
def _(w):
    put("f", "x" * 3_000_000)
    yield
    small = w.union.place / "small"
    w.leave()
    small.mkdir(), subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "t", small], check=True)
    os.mkdir(small / "u"), os.mkdir(small / "w")
    w.union.mount(upper=small / "u", work=small / "w")
    os.chdir(w.mnt)
    return outcome_of(lambda: os.close(os.open("f", os.O_WRONLY))) + ", %d bytes" % len(read("f"))


@row("Opening a lower file with O_SYNC, O_DSYNC, O_NOATIME and writing")
def _(w):
    put("f")
    yield
    return try_all(*[(lambda o=o: write("f", b"x", os.O_WRONLY | o)) for o in (os.O_SYNC, os.O_DSYNC, os.O_NOATIME)])
