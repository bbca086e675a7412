package dev.lamina.benchmarks.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reports on disk: {@code results.json}, and {@code report.html}, one file that needs no other. */
public final class ReportFiles {
  private static final String RESULTS = "results.json";
  private static final String PAGE = "report.html";

  /** Where the template wants the figures. */
  private static final String FIGURES = "/*figures*/null";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(SerializationFeature.INDENT_OUTPUT);

  private ReportFiles() {}

  /** Writes both into {@code directory}, which is made where it is missing. */
  public static void write(Report report, Path directory) throws IOException {
    Files.createDirectories(directory);
    String json = JSON.writeValueAsString(report);
    Files.writeString(directory.resolve(RESULTS), json + "\n");
    Files.writeString(directory.resolve(PAGE), page(json));
  }

  private static String page(String json) throws IOException {
    String template =
        Resources.toString(
            Resources.getResource(ReportFiles.class, "report.html"), StandardCharsets.UTF_8);
    // What a system printed may look like markup.
    return template.replace(FIGURES, json.replace("<", "\\u003c"));
  }

  /**
   * Reads a {@code results.json}.
   *
   * @throws IOException where it cannot be read, or is not one that this version knows; the message
   *     names the file
   */
  public static Report read(Path file) throws IOException {
    Report report;
    try {
      report = JSON.readValue(Files.readString(file), Report.class);
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not a result of lamina bench", e);
    }
    if (report == null
        || report.schema() != Report.SCHEMA
        || report.host() == null
        || report.workloads() == null
        || report.curves() == null) {
      throw new IOException(file + " is not a result of this version's lamina bench");
    }
    return report;
  }
}
