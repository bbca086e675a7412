package dev.lamina.cli;

import dev.lamina.fuse.MountException;
import dev.lamina.image.ImageException;
import dev.lamina.linux.Errno;
import dev.lamina.linux.ErrnoException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;

/** What all commands share: one clear line for each failure, and its exit status. */
final class CommandLines {
  private static final Reports REPORTS = new Reports();

  private CommandLines() {}

  static CommandLine of(Object command) {
    return reporting(new CommandLine(command));
  }

  /** The same of {@code line} and the subcommands that it has now. */
  static CommandLine reporting(CommandLine line) {
    return line.setExecutionExceptionHandler(REPORTS).setParameterExceptionHandler(REPORTS);
  }

  /** Not lambdas: those of interfaces as old as picocli's go into no class-data-sharing archive. */
  private static final class Reports
      implements CommandLine.IExecutionExceptionHandler, CommandLine.IParameterExceptionHandler {
    @Override
    public int handleExecutionException(
        Exception e, CommandLine line, CommandLine.ParseResult parsed) {
      return report(e, line);
    }

    @Override
    public int handleParseException(CommandLine.ParameterException e, String[] args) {
      return reportUsage(e);
    }
  }

  /** Runs a command line to its end, by itself or by a signal; the exit status. */
  static int run(CommandLine line, String[] args) {
    return Interruption.guard(() -> withOutput(line, line.execute(args)));
  }

  /** A result that could not be written, to a full disk say, is a failure. */
  private static int withOutput(CommandLine line, int status) {
    if (System.out.checkError() && status == ExitStatus.OK) {
      String name = line.getCommandSpec().qualifiedName();
      line.getErr().println(name + ": standard output could not be written");
      return ExitStatus.FAILED;
    }
    return status;
  }

  private static int reportUsage(CommandLine.ParameterException e) {
    CommandLine line = e.getCommandLine();
    PrintWriter err = line.getErr();
    String name = line.getCommandSpec().qualifiedName();
    err.println(name + ": " + e.getMessage() + " (see " + name + " --help)");
    return ExitStatus.USAGE;
  }

  private static int report(Exception e, CommandLine line) {
    PrintWriter err = line.getErr();
    String name = line.getCommandSpec().qualifiedName();
    if (Interruption.isRequested()) {
      err.println(name + ": interrupted");
      return ExitStatus.FAILED;
    }
    int status = status(e);
    if (status == ExitStatus.INTERNAL) {
      err.println(name + ": internal error, please report it: " + e);
      e.printStackTrace(err);
    } else {
      err.println(name + ": " + message(e));
    }
    return status;
  }

  static int status(Exception e) {
    if (e instanceof CommandFailure failure) {
      return failure.status();
    }
    if (e instanceof ImageException image) {
      return switch (image.kind()) {
        case NOT_FOUND -> ExitStatus.NOT_FOUND;
        case MALFORMED, MISMATCH, REFUSED, LIMIT, UNSUPPORTED -> ExitStatus.BAD_IMAGE;
        case DENIED -> ExitStatus.DENIED;
        case UNAVAILABLE -> ExitStatus.NO_REGISTRY;
        case IN_USE -> ExitStatus.BUSY;
        case HOST, INTERRUPTED -> ExitStatus.FAILED;
      };
    }
    if (e instanceof MountException mount) {
      return switch (mount.reason()) {
        case MOUNT_POINT_MISSING, MOUNT_POINT_NOT_A_DIRECTORY, MOUNT_POINT_STALE ->
            ExitStatus.BAD_MOUNT_POINT;
        case MOUNT_POINT_BUSY -> ExitStatus.BUSY;
        case NO_DEVICE, NO_PRIVILEGE, NO_LIBFUSE, PROTOCOL -> ExitStatus.NO_FUSE;
        case REFUSED -> ExitStatus.FAILED;
      };
    }
    if (e instanceof ErrnoException errno) {
      return errno.errno() == Errno.EBUSY ? ExitStatus.BUSY : ExitStatus.FAILED;
    }
    return e instanceof java.io.IOException ? ExitStatus.FAILED : ExitStatus.INTERNAL;
  }

  /** The messages of java.nio's exceptions are mere paths. */
  static String message(Exception e) {
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file or directory";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    }
    if (e instanceof DirectoryNotEmptyException directory) {
      return directory.getFile() + ": directory not empty";
    }
    if (e instanceof FileAlreadyExistsException file && file.getReason() == null) {
      return file.getFile() + ": is there already, and is no directory";
    }
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return file.getFile() + ": " + file.getReason();
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
