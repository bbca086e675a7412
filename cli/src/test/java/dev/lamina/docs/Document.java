package dev.lamina.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/** One page of the documentation, read as Markdown. */
public final class Document {
  private static final Parser PARSER =
      Parser.builder()
          .extensions(List.of(TablesExtension.create()))
          .includeSourceSpans(IncludeSourceSpans.BLOCKS_AND_INLINES)
          .build();

  /**
   * Something that stands in a page.
   *
   * @param page its path in the clone
   * @param line where it begins, from 1
   * @param language of a block with fences, else empty
   */
  public record Piece(String page, int line, String language, String text) {
    /** For messages; editors and terminals find the place by it. */
    @Override
    public String toString() {
      return page + ":" + line + ": " + text.lines().findFirst().orElse("");
    }
  }

  private final String page;
  private final List<Piece> blocks = new ArrayList<>();
  private final List<Piece> codes = new ArrayList<>();
  private final List<Piece> links = new ArrayList<>();
  private final Set<String> anchors = new HashSet<>();

  private Document(String page) throws IOException {
    this.page = page;
    PARSER.parse(Files.readString(Clone.ROOT.resolve(page))).accept(new Reader());
  }

  /** Read once. */
  private static final class Pages {
    static final List<Document> ALL = read();
  }

  /** The pages for users and for those who work on the project. */
  static List<Document> all() {
    return Pages.ALL;
  }

  private static List<Document> read() {
    try {
      return List.copyOf(readAll());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Document> readAll() throws IOException {
    List<Document> documents = new ArrayList<>();
    for (String page : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
      documents.add(new Document(page));
    }
    try (Stream<Path> pages = Files.list(Clone.ROOT.resolve("docs"))) {
      for (Path page : pages.filter(file -> file.toString().endsWith(".md")).sorted().toList()) {
        documents.add(new Document(Clone.ROOT.relativize(page).toString()));
      }
    }
    return documents;
  }

  /** All blocks of code, with fences or indented. */
  public static List<Piece> allBlocks() {
    return all().stream().flatMap(document -> document.blocks.stream()).toList();
  }

  /** All code within lines; what is broken over two lines has a space there. */
  public static List<Piece> allCodes() {
    return all().stream().flatMap(document -> document.codes.stream()).toList();
  }

  String page() {
    return page;
  }

  /** Destinations of links. */
  List<Piece> links() {
    return links;
  }

  /** What links to its headings end with. */
  Set<String> anchors() {
    return anchors;
  }

  private final class Reader extends AbstractVisitor {
    @Override
    public void visit(FencedCodeBlock block) {
      blocks.add(piece(block, block.getInfo(), block.getLiteral()));
    }

    @Override
    public void visit(IndentedCodeBlock block) {
      blocks.add(piece(block, "", block.getLiteral()));
    }

    @Override
    public void visit(Code code) {
      codes.add(piece(code, "", code.getLiteral()));
    }

    @Override
    public void visit(Link link) {
      links.add(piece(link, "", link.getDestination()));
      visitChildren(link);
    }

    @Override
    public void visit(Heading heading) {
      anchors.add(anchor(words(heading)));
      visitChildren(heading);
    }

    private Piece piece(Node node, String language, String text) {
      return new Piece(page, node.getSourceSpans().get(0).getLineIndex() + 1, language, text);
    }

    /** As GitHub makes them. */
    private static String anchor(String heading) {
      return heading
          .toLowerCase(Locale.ROOT)
          .replaceAll("[^\\p{L}\\p{N}_ -]", "")
          .replace(' ', '-');
    }

    private static String words(Heading heading) {
      StringBuilder words = new StringBuilder();
      heading.accept(
          new AbstractVisitor() {
            @Override
            public void visit(Text text) {
              words.append(text.getLiteral());
            }

            @Override
            public void visit(Code code) {
              words.append(code.getLiteral());
            }
          });
      return words.toString();
    }
  }
}
