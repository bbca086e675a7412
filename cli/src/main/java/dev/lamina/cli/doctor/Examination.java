package dev.lamina.cli.doctor;

import com.google.common.collect.ImmutableList;
import dev.lamina.linux.ErrnoException;
import dev.lamina.linux.UserNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Looks at everything, in an order in which one reads it. */
public final class Examination {
  private final Path root;
  private final Optional<Path> runtime;
  private final Path place;

  /**
   * An examination that has not begun.
   *
   * @param root of the store, which need not exist
   * @param runtime directory of daemons, if there is a place for one
   * @param place an existing directory whose filesystem is looked at
   */
  public Examination(Path root, Optional<Path> runtime, Path place) {
    this.root = root;
    this.runtime = runtime;
    this.place = place;
  }

  /** Where writable layers lie, or would. */
  public static Path usualPlace(Path root) {
    Path containers = root.resolve("containers");
    return StoreCheck.nearest(containers);
  }

  public ImmutableList<Section> run() throws IOException, InterruptedException {
    ImmutableList.Builder<Section> sections = ImmutableList.builder();
    sections.add(HostCheck.judge(HostCheck.gather()));
    sections.add(RightsCheck.judge(RightsCheck.gather()));
    sections.add(FuseCheck.judge(FuseCheck.gather()));
    sections.addAll(filesystem());
    sections.add(StoreCheck.judge(StoreCheck.gather(root, runtime)));
    sections.add(DeadMounts.judge(DeadMounts.gather()));
    return sections.build();
  }

  /** The filesystem, and a mount; where nothing can be written, one that lies elsewhere. */
  private List<Section> filesystem() throws IOException {
    boolean hostRoot = UserNamespace.isHostRoot();
    try (ScratchDirectory scratch = ScratchDirectory.in(place)) {
      FilesystemFacts facts = FilesystemProbe.of(place, scratch.path());
      Section filesystem = FilesystemCheck.judge(place, facts, hostRoot);
      return List.of(filesystem, trial(scratch, !filesystem.hasProblem()));
    } catch (ErrnoException e) {
      FilesystemFacts facts = FilesystemProbe.withoutScratch(place, e.errno());
      Section filesystem = FilesystemCheck.judge(place, facts, hostRoot);
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      try (ScratchDirectory scratch = ScratchDirectory.in(temporary)) {
        return List.of(filesystem, trial(scratch, true));
      }
    }
  }

  private static Section trial(ScratchDirectory scratch, boolean writable) {
    return TrialMount.judge(TrialMount.gather(scratch.path(), writable));
  }
}
