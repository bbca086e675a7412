"""Runs every row of the table of semantics on one union filesystem: driver.main(SYSTEM, LAUNCHER, PLACE, FEATURES)

FEATURES are the mount options that all mounts have, named since the kernel's defaults vary.
fuse-overlayfs has none of them, and refuses to mount where they are asked for.

A row is a generator. What stands before its "yield" makes the layers: the working directory is the
row's directory in the lower layer "base". What comes after it runs in a process of its own, in the
same directory of the mount, and returns the observed outcome. Prints the outcomes as JSON.
"""
import inspect, json, shutil, traceback, types
from pathlib import Path
from prelude import *

LIMIT_SECONDS = 120
ROWS = []
GROUP = ["", ""]


def group(title):
    GROUP[0] = title


def row(title, options="", alone=False, because=None):
    """One row of the table.

    options: more mount options. alone: a mount of its own, whose layers' roots the row works in.
    because: why Lamina differs from kernel overlayfs; required where it does, refused elsewhere.
    """

    def define(probe):
        ROWS.append(types.SimpleNamespace(
            group=GROUP[0], title=title, options=options, alone=alone, because=because, probe=probe))
        return probe

    return define


class World:
    """The layers and the mount of one row; paths are of the row's own directory in each."""

    def __init__(self, union, name):
        self.union = union
        self.base, self.top, self.upper, self.work, self.mnt = (
            union.place / d / name for d in ("base", "top", "upper", "work", "mnt"))

    def remount(self, options=None, by=None, lowers=None):
        """The same upper mounted again, by another program or with other options where given."""
        os.chdir("/")
        self.union.umount()
        self.union.mount(options, by, lowers)
        os.chdir(self.mnt)

    def leave(self):
        os.chdir("/")
        self.union.umount()


class Union:
    """One set of layers and its mount."""

    def __init__(self, place, options):
        self.place = place
        self.options = options
        for d in ("base", "top", "upper", "work", "mnt"):
            (place / d).mkdir(parents=True)

    def mount(self, options=None, by=None, lowers=None, upper=None, work=None, on=None):
        """Mounts; OSError says in one word that it was refused."""
        chosen = {}
        features = "" if (by or SYSTEM) == "fuse-overlayfs" else FEATURES + ","
        for option in (features + (self.options if options is None else options)).split(","):
            if option:
                key, _, value = option.partition("=")
                chosen[key] = value
        if "userxattr" in chosen and "redirect_dir" in chosen:
            chosen["redirect_dir"] = "nofollow"
        lowers = ":".join(str(l) for l in (lowers or (self.place / "top", self.place / "base")))
        parts = ["lowerdir=" + lowers]
        if upper != "":
            parts += ["upperdir=%s" % (upper or self.place / "upper"), "workdir=%s" % (work or self.place / "work")]
        parts += [k + ("=" + v if v else "") for k, v in chosen.items()]
        on = str(on or self.place / "mnt")
        command = {
            "kernel": ["mount", "-t", "overlay", "overlay", "-o", ",".join(parts), on],
            "lamina": [LAUNCHER, "-o", ",".join(parts), on],
            "fuse-overlayfs": ["fuse-overlayfs", "-o", ",".join(parts), on],
        }[by or SYSTEM]
        # To this process's stderr, not into a pipe: fuse-overlayfs may hold it open.
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=2, timeout=4 * LIMIT_SECONDS)
        if done.returncode or not os.path.ismount(on):
            raise Refused()

    def umount(self, on=None):
        on = str(on or self.place / "mnt")
        if subprocess.run(["umount", on], capture_output=True).returncode:
            if subprocess.run(["umount", "-l", on], capture_output=True).returncode == 0:
                return  # In use: its server ends with whoever uses it, which is this process.
        # A FUSE server still holds its layers after the mount has gone.
        deadline = time.time() + LIMIT_SECONDS
        while servers_of(self.place, on) and time.time() < deadline:
            time.sleep(0.01)


class Refused(Exception):
    """The mount was refused."""


def servers_of(place, on=None):
    """FUSE servers, by their command line, on layers below place; of one mount point where given."""
    found = []
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                line = read("/proc/%s/cmdline" % pid)
            except OSError:
                continue
            if os.fsencode(place) + b"/" in line and (b"FuseLamina" in line or b"fuse-overlayfs" in line):
                if on is None or line.rstrip(b"\0").split(b"\0")[-1] == os.fsencode(on):
                    found.append(int(pid))
    return found


def text(value):
    if value is True or value is False:
        return "yes" if value else "no"
    return "ok" if value is None else str(value)


def outcome_of(action):
    """What an action returns, or the name of its error."""
    try:
        return text(action())
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e.errno))
    except Refused:
        return "refused"


def finish(generator):
    try:
        next(generator)
    except StopIteration as end:
        return end.value
    raise AssertionError("a row has one yield")


def run_probe(row, generator, world):
    """The probe in a child of its own, which may hang."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            os.umask(0o022)
            os.chdir(world.mnt)
            outcome = outcome_of(lambda: finish(generator))
        except BaseException as e:
            traceback.print_exc()
            outcome = type(e).__name__
        os.write(writer, outcome.encode("utf-8", "backslashreplace")[:4000])
        os._exit(0)
    os.close(writer)
    ready, _, _ = select.select([reader], [], [], LIMIT_SECONDS)
    outcome = os.read(reader, 4096).decode() if ready else "hangs"
    os.close(reader)
    if not ready:
        os.kill(pid, signal.SIGKILL)
        for server in servers_of(world.union.place):
            os.kill(server, signal.SIGKILL)
        subprocess.run(["umount", "-f", "-l", str(world.union.place / "mnt")], capture_output=True)
    os.waitpid(pid, 0)
    return outcome or "no answer"


def run_union(place, rows):
    """All rows that share one mount."""
    union = Union(place, rows[0].options)
    worlds, generators, outcomes = [], [], {}
    for number, row in enumerate(rows):
        world = World(union, "." if row.alone else "r%02d" % number)
        world.base.mkdir(exist_ok=True)
        os.chdir(world.base)
        generator = row.probe(world)
        next(generator)
        worlds.append(world)
        generators.append(generator)
    os.chdir("/")
    try:
        union.mount()
        for row, world, generator in zip(rows, worlds, generators):
            if not os.path.ismount(union.place / "mnt"):
                union.umount()
                union.mount()
            outcomes[id(row)] = run_probe(row, generator, world)
    except Refused:
        outcomes.update({id(row): "refused" for row in rows if id(row) not in outcomes})
    finally:
        os.chdir("/")
        union.umount()
        for mount in sorted((l.split()[1] for l in open("/proc/self/mounts") if str(place) + "/" in l), reverse=True):
            subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(place, ignore_errors=True)
    return outcomes


def main(system, launcher, place, features):
    global SYSTEM, LAUNCHER, FEATURES
    SYSTEM, LAUNCHER, FEATURES = system, launcher, features
    unions = {}
    only = os.environ.get("ROWS", "")  # for trying out: rows whose title has this in it
    for row in ROWS:
        if only in row.title:
            unions.setdefault((row.options, id(row) if row.alone else 0), []).append(row)
    outcomes = {}
    for number, rows in enumerate(unions.values()):
        outcomes.update(run_union(Path(place) / ("u%d" % number), rows))
    print(json.dumps([
        {"group": r.group, "title": r.title, "options": r.options, "because": r.because, "outcome": outcomes[id(r)]}
        for r in ROWS if id(r) in outcomes]))
