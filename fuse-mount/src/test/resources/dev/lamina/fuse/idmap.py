import ctypes, os, subprocess, sys, struct
# idmap.py FROM TO INSIDE OUTSIDE COUNT: binds FROM on TO, idmapped
libc = ctypes.CDLL(None, use_errno=True)
def call(nr, *a):
    r = libc.syscall(ctypes.c_long(nr), *a)
    if r < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return r
src, dst, inside, outside, count = sys.argv[1:6]
ns = subprocess.Popen(["unshare", "--user", "sh", "-c", "echo; read x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
ns.stdout.readline()
for m in ("uid_map", "gid_map"):
    with open(f"/proc/{ns.pid}/{m}", "w") as f: f.write(f"{inside} {outside} {count}\n")
fd = os.open(f"/proc/{ns.pid}/ns/user", os.O_RDONLY)
tree = call(428, -100, src.encode(), 1 | 0x80000)  # open_tree OPEN_TREE_CLONE|CLOEXEC
attr = struct.pack("QQQQ", 0x00100000, 0, 0, fd)
call(442, tree, b"", 0x1000, attr, len(attr))
call(429, tree, b"", -100, dst.encode(), 4)
ns.stdin.close(); ns.wait()
