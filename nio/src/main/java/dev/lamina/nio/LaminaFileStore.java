package dev.lamina.nio;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Set;

/** The one store of a file system: the room is that of the layer that is written to. */
final class LaminaFileStore extends FileStore {
  private static final Set<Class<? extends FileAttributeView>> VIEWS =
      Set.of(
          BasicFileAttributeView.class,
          FileOwnerAttributeView.class,
          PosixFileAttributeView.class,
          UserDefinedFileAttributeView.class);

  private final LaminaFileSystem fileSystem;

  LaminaFileStore(LaminaFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  @Override
  public String name() {
    return fileSystem.name();
  }

  @Override
  public String type() {
    return LaminaUri.SCHEME;
  }

  @Override
  public boolean isReadOnly() {
    return fileSystem.isReadOnly();
  }

  private Tree.Room room() throws IOException {
    return fileSystem.inside(fileSystem.rootPath(), null, () -> fileSystem.tree().room());
  }

  @Override
  public long getTotalSpace() throws IOException {
    return room().total();
  }

  @Override
  public long getUsableSpace() throws IOException {
    return room().usable();
  }

  @Override
  public long getUnallocatedSpace() throws IOException {
    return room().free();
  }

  @Override
  public long getBlockSize() throws IOException {
    return room().blockSize();
  }

  @Override
  public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
    if (type == null) {
      throw new NullPointerException("type");
    }
    return VIEWS.contains(type);
  }

  @Override
  public boolean supportsFileAttributeView(String name) {
    return NamedAttributes.SUPPORTED.contains(name);
  }

  @Override
  public <V extends FileStoreAttributeView> V getFileStoreAttributeView(Class<V> type) {
    if (type == null) {
      throw new NullPointerException("type");
    }
    return null;
  }

  @Override
  public Object getAttribute(String attribute) throws IOException {
    return switch (attribute) {
      case "totalSpace" -> getTotalSpace();
      case "usableSpace" -> getUsableSpace();
      case "unallocatedSpace" -> getUnallocatedSpace();
      case "blockSize" -> getBlockSize();
      default -> throw new UnsupportedOperationException("'" + attribute + "' not recognized");
    };
  }

  @Override
  public String toString() {
    return "/ (" + name() + ")";
  }
}
