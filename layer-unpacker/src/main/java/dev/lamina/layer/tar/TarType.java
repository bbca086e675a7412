package dev.lamina.layer.tar;

/** What an entry of an archive makes. */
public enum TarType {
  REGULAR('0'),
  HARD_LINK('1'),
  SYMLINK('2'),
  CHAR_DEVICE('3'),
  BLOCK_DEVICE('4'),
  DIRECTORY('5'),
  FIFO('6');

  final char flag;

  TarType(char flag) {
    this.flag = flag;
  }

  static TarType of(byte flag) {
    for (TarType type : values()) {
      if (type.flag == flag) {
        return type;
      }
    }
    return switch (flag) {
      case 0, '7', 'S' -> REGULAR;
      case 'D' -> DIRECTORY;
      default -> null;
    };
  }
}
