package dev.lamina.cli;

import java.util.List;

/** Columns of text, each as wide as its widest cell, three spaces apart. */
final class TextTable {
  private static final String GAP = "   ";

  private TextTable() {}

  static String format(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < columns - 1; i++) {
        String cell = row.get(i);
        text.append(cell).append(" ".repeat(widths[i] - cell.length())).append(GAP);
      }
      text.append(row.get(columns - 1)).append(System.lineSeparator());
    }
    return text.toString();
  }
}
