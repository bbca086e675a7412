package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.wire.Opcode;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;

/** Callbacks that make, remove or move names. */
final class NameCalls {
  private final Call call;

  NameCalls(Call call) {
    this.call = call;
  }

  int mknod(long path, int mode, long device) throws ErrnoException {
    PathSlot at = call.path.parent(path);
    call.fileSystem.mknod(call.caller(), at.directory(), at.name(), mode, device, call.entry);
    call.forgetEntry();
    return 0;
  }

  int mkdir(long path, int mode) throws ErrnoException {
    PathSlot at = call.path.parent(path);
    call.fileSystem.mkdir(call.caller(), at.directory(), at.name(), mode, call.entry);
    call.forgetEntry();
    return 0;
  }

  int symlink(long target, long path) throws ErrnoException {
    PathSlot at = call.path.parent(path);
    call.fileSystem.symlink(
        call.caller(), at.directory(), at.name(), call.name(target), call.entry);
    call.forgetEntry();
    return 0;
  }

  int link(long path, long newPath) throws ErrnoException {
    try (PathSlot file = call.path.node(path)) {
      PathSlot to = call.otherPath.parent(newPath);
      call.tree.hasSeveralNames(file.stat().ino);
      call.fileSystem.link(call.caller(), file.found(), to.directory(), to.name(), call.entry);
      call.forgetEntry();
      return 0;
    }
  }

  int unlink(long path) throws ErrnoException {
    PathSlot at = call.path.parent(path);
    if (isOfHidden()) {
      call.tree.hidden.remove(at.directory(), at.name());
    } else {
      call.fileSystem.unlink(call.caller(), at.directory(), at.name());
    }
    return 0;
  }

  /** A program's removal is served as such; all others are of names that libfuse made. */
  private boolean isOfHidden() {
    return !call.isFor(Opcode.UNLINK);
  }

  int rmdir(long path) throws ErrnoException {
    PathSlot at = call.path.parent(path);
    try {
      call.fileSystem.rmdir(call.caller(), at.directory(), at.name());
    } finally {
      call.tree.renamed();
    }
    return 0;
  }

  int rename(long path, long newPath) throws ErrnoException {
    if (call.takesHiding()) {
      hide(path, newPath);
      return 0;
    }
    PathSlot from = call.path.parent(path);
    PathSlot to = call.otherPath.parent(newPath);
    try {
      call.fileSystem.rename(
          call.caller(), from.directory(), from.name(), to.directory(), to.name(), 0);
    } finally {
      call.tree.renamed();
    }
    return 0;
  }

  /**
   * An open file is about to be replaced, which the rename does that follows, or removed, which is
   * done here.
   */
  private void hide(long path, long hiddenPath) throws ErrnoException {
    try (PathSlot file = call.path.node(path)) {
      long directory = file.holdDirectory();
      boolean done = false;
      try {
        if (!file.keep()) {
          throw new ErrnoException(Errno.EBUSY, "hiding a file that has no name");
        }
        try {
          if (call.isFor(Opcode.UNLINK)) {
            call.fileSystem.unlink(call.caller(), file.directory(), file.name());
          }
          call.tree.hidden.add(directory, call.otherPath.parent(hiddenPath).name(), file.found());
          done = true;
          // Closed meanwhile, before there was anything to remove.
          if (!call.tree.handles.isOpen(file.found())) {
            call.tree.hidden.closed(file.found());
          }
        } finally {
          if (!done) {
            call.fileSystem.forget(file.found(), 1);
          }
        }
      } finally {
        if (!done) {
          call.fileSystem.forget(directory, 1);
        }
      }
    }
  }
}
