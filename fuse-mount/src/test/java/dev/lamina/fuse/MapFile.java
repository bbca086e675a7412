package dev.lamina.fuse;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Maps a file shared, adds one to every byte, and prints the sum of what was there. */
final class MapFile {
  private MapFile() {}

  public static void main(String[] args) throws Exception {
    try (FileChannel channel =
        FileChannel.open(Path.of(args[0]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer map = channel.map(MapMode.READ_WRITE, 0, channel.size());
      long sum = 0;
      for (int i = 0; i < map.capacity(); i++) {
        sum += map.get(i) & 0xff;
        map.put(i, (byte) (map.get(i) + 1));
      }
      map.force();
      System.out.println(sum);
    }
  }
}
