package dev.lamina.nio;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The provider of the scheme {@code lamina}. {@code lamina://NAME} is a file system that is open
 * under that name, {@code lamina://NAME/PATH} a path in it, percent-encoded. {@link
 * java.nio.file.FileSystems#newFileSystem(URI, Map)} opens one; docs/embedding.md lists the keys. A
 * program that has this class uses {@link LaminaFileSystem#builder}.
 */
public final class LaminaFileSystemProvider extends FileSystemProvider {
  /** The one that Java installed; one of its own where this class is not on the class path. */
  private static final class Installed {
    static final LaminaFileSystemProvider INSTANCE =
        installedProviders().stream()
            .filter(LaminaFileSystemProvider.class::isInstance)
            .map(LaminaFileSystemProvider.class::cast)
            .findFirst()
            .orElseGet(LaminaFileSystemProvider::new);
  }

  private final Map<String, LaminaFileSystem> open = new ConcurrentHashMap<>();
  private final AtomicLong madeUp = new AtomicLong();

  /** For {@link java.util.ServiceLoader}. */
  public LaminaFileSystemProvider() {}

  static LaminaFileSystemProvider instance() {
    return Installed.INSTANCE;
  }

  String freeName() {
    String name;
    do {
      name = "fs" + madeUp.incrementAndGet();
    } while (open.containsKey(name));
    return name;
  }

  void requireFree(String name) {
    if (open.containsKey(name)) {
      throw new FileSystemAlreadyExistsException(LaminaUri.SCHEME + "://" + name);
    }
  }

  void opened(LaminaFileSystem fileSystem) {
    if (open.putIfAbsent(fileSystem.name(), fileSystem) != null) {
      throw new FileSystemAlreadyExistsException(LaminaUri.SCHEME + "://" + fileSystem.name());
    }
  }

  void closed(LaminaFileSystem fileSystem) {
    open.remove(fileSystem.name(), fileSystem);
  }

  private static LaminaFileSystem of(Path path) {
    return LaminaPath.require(path).getFileSystem();
  }

  @Override
  public String getScheme() {
    return LaminaUri.SCHEME;
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) throws IOException {
    String path = uri.getRawPath();
    if (path != null && !path.isEmpty() && !path.equals("/")) {
      throw new IllegalArgumentException(uri + " has a path");
    }
    LaminaFileSystemBuilder builder = LaminaFileSystem.builder().name(LaminaUri.name(uri));
    new Environment(env).describe(builder);
    return builder.open(this);
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    FileSystem fileSystem = open.get(LaminaUri.name(uri));
    if (fileSystem == null) {
      throw new FileSystemNotFoundException(uri.toString());
    }
    return fileSystem;
  }

  @Override
  public Path getPath(URI uri) {
    byte[] path = LaminaUri.path(uri);
    return LaminaPath.of((LaminaFileSystem) getFileSystem(uri), path);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    LaminaPath file = LaminaPath.require(path);
    OpenRequest how = OpenRequest.of(options);
    int mode = Permissions.initial(0666, attributes);
    return file.getFileSystem().opening().open(file, how, mode);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path path, DirectoryStream.Filter<? super Path> filter) throws IOException {
    if (filter == null) {
      throw new NullPointerException("filter");
    }
    LaminaPath directory = LaminaPath.require(path);
    return directory.getFileSystem().inspection().list(directory, filter);
  }

  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    LaminaPath directory = LaminaPath.require(path);
    int mode = Permissions.initial(0777, attributes);
    directory.getFileSystem().changes().makeDirectory(directory, mode);
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
      throws IOException {
    if (attributes.length > 0) {
      throw new UnsupportedOperationException(
          "Initial file attributes not supported when creating symbolic link");
    }
    LaminaPath path = LaminaPath.require(link);
    path.getFileSystem().changes().makeSymbolicLink(path, LaminaPath.require(target).bytes());
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    LaminaPath path = LaminaPath.require(link);
    LaminaPath known = LaminaPath.require(existing);
    if (known.getFileSystem() != path.getFileSystem()) {
      throw new FileSystemException(
          link.toString(), existing.toString(), "hard links do not leave a file system");
    }
    path.getFileSystem().changes().makeLink(path, known);
  }

  @Override
  public void delete(Path path) throws IOException {
    of(path).changes().delete(LaminaPath.require(path));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    return of(link).inspection().readSymbolicLink(LaminaPath.require(link));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    Copying.copy(LaminaPath.require(source), LaminaPath.require(target), options);
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    Copying.move(LaminaPath.require(source), LaminaPath.require(target), options);
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    return of(path).inspection().isSameFile(LaminaPath.require(path), other);
  }

  @Override
  public boolean isHidden(Path path) {
    LaminaPath name = LaminaPath.require(path).getFileName();
    return name != null && name.bytes().length > 0 && name.bytes()[0] == '.';
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    LaminaFileSystem fileSystem = of(path);
    fileSystem.inspection().status(LaminaPath.require(path), true);
    return new LaminaFileStore(fileSystem);
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    of(path).inspection().checkAccess(LaminaPath.require(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    LaminaPath file = LaminaPath.require(path);
    boolean follow = Links.follow(options);
    if (type == BasicFileAttributeView.class) {
      return type.cast(new BasicView(file, follow));
    }
    if (type == PosixFileAttributeView.class) {
      return type.cast(new PosixView(file, follow, "posix"));
    }
    if (type == FileOwnerAttributeView.class) {
      return type.cast(new PosixView(file, follow, "owner"));
    }
    if (type == UserDefinedFileAttributeView.class) {
      return type.cast(new UserXattrView(file, follow));
    }
    if (type == null) {
      throw new NullPointerException("type");
    }
    return null;
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
      if (type == null) {
        throw new NullPointerException("type");
      }
      throw new UnsupportedOperationException(type + " not supported");
    }
    return type.cast(of(path).attributes(LaminaPath.require(path), Links.follow(options)));
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return new NamedAttributes(LaminaPath.require(path), Links.follow(options)).read(attributes);
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
      throws IOException {
    new NamedAttributes(LaminaPath.require(path), Links.follow(options)).set(attribute, value);
  }
}
