package org.stackel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.InstanceOfTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.Algorithms;
import org.stackel.problem.Problems;

/**
 * What is known about an algorithm stands in its own file, and what is known about a problem in its
 * own package: no other main source of any module has the name in a string, or asks whether an
 * object is one.
 */
class NamesTest {
  private static final Path ROOT = Path.of("..");

  /** Sources in which names may stand in strings, with the reason. */
  private static final Map<String, String> EXCEPTIONS =
      Map.of(
          "Demo", "a comparison of three algorithms, as users have it in a file of theirs",
          "FormerKeys", "what files of version 0.1 say, by the names in them",
          "DoctorCommand", "compares the numbers of a run with those worked out for it",
          "ListCommand", "an example in the help",
          "OverviewPage", "an example in the help",
          "ReportCommand", "an example in the help",
          "Stackel", "names of variables in an example");

  /** Measurements name what they measure, and nothing depends on them. */
  private static final Path MEASUREMENTS = ROOT.resolve("stackel-benchmarks");

  /** Names that are ordinary words too: an option of other problems has this one. */
  private static final Set<String> WORDS = Set.of("regularization");

  /**
   * A string or a type in a source.
   *
   * @param home package of the file
   * @param source simple name of the file's class
   * @param text of the string, or the type's name
   */
  private record Mention(String home, String source, long line, String text) {
    @Override
    public String toString() {
      return "%s.java:%d: %s".formatted(source, line, text);
    }
  }

  private static final List<Mention> STRINGS = new ArrayList<>();
  private static final List<Mention> TYPES = new ArrayList<>();

  /**
   * An algorithm or a problem of the catalogues.
   *
   * @param type its class
   * @param hasPackage whether its whole package is about it
   */
  private record Entry(String name, Class<?> type, boolean hasPackage) {
    boolean isHome(Mention mention) {
      return mention.home().equals(type.getPackageName())
          && (hasPackage || mention.source().equals(type.getSimpleName()));
    }

    boolean isAskedForIn(Mention check) {
      return Arrays.asList(check.text().split("\\W+")).contains(type.getSimpleName())
          && !isHome(check);
    }
  }

  /** Between words; a file such as {@code pl-game.json} is one word. */
  private static final Pattern SEPARATORS = Pattern.compile("[^a-z0-9.-]+|\\.(?=\\W|$)");

  private static final List<Entry> ENTRIES =
      Stream.concat(
              Algorithms.all().stream()
                  .map(each -> new Entry(each.name(), each.defaults().getClass(), false)),
              Problems.all().stream()
                  .map(each -> new Entry(each.name(), each.defaults().getClass(), true)))
          .toList();

  private static List<Path> sources() throws IOException {
    var sources = new ArrayList<Path>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(each -> !each.equals(MEASUREMENTS)).sorted().toList()) {
        Path main = module.resolve("src/main/java");
        if (Files.isDirectory(main)) {
          try (Stream<Path> files = Files.walk(main)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    return sources;
  }

  @BeforeAll
  static void readSources() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      var sources = files.getJavaFileObjectsFromPaths(sources());
      var task = (JavacTask) compiler.getTask(null, files, null, null, null, sources);
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new Reader(unit, positions).scan(unit, null);
      }
    }
  }

  /** Collects the strings of a source, and the types that it asks for. */
  private static final class Reader extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;

    Reader(CompilationUnitTree unit, SourcePositions positions) {
      this.unit = unit;
      this.positions = positions;
    }

    private Mention mention(Tree tree, String text) {
      String home = unit.getPackageName().toString();
      String file = Path.of(unit.getSourceFile().toUri()).getFileName().toString();
      long line = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, tree));
      return new Mention(home, file.replace(".java", ""), line, text);
    }

    @Override
    public Void visitLiteral(LiteralTree literal, Void nothing) {
      if (literal.getKind() == Tree.Kind.STRING_LITERAL) {
        STRINGS.add(mention(literal, (String) literal.getValue()));
      }
      return null;
    }

    /** Of a pattern this is the variable with its type. */
    @Override
    public Void visitInstanceOf(InstanceOfTree check, Void nothing) {
      Tree type = check.getPattern() == null ? check.getType() : check.getPattern();
      TYPES.add(mention(check, type.toString()));
      return super.visitInstanceOf(check, nothing);
    }

    /** {@code Type.class}, which objects' classes may be compared with. */
    @Override
    public Void visitMemberSelect(MemberSelectTree select, Void nothing) {
      if (select.getIdentifier().contentEquals("class")) {
        TYPES.add(mention(select, select.getExpression().toString()));
      }
      return super.visitMemberSelect(select, nothing);
    }
  }

  private static boolean names(Mention string) {
    List<String> words = Arrays.asList(SEPARATORS.split(string.text()));
    return ENTRIES.stream()
        .filter(entry -> words.contains(entry.name()) && !WORDS.contains(entry.name()))
        .anyMatch(entry -> !entry.isHome(string));
  }

  @Test
  void noStringNamesAnEntry() {
    assertThat(STRINGS)
        .hasSizeGreaterThan(1000)
        .filteredOn(NamesTest::names)
        .filteredOn(each -> !EXCEPTIONS.containsKey(each.source()))
        .isEmpty();
  }

  @Test
  void everyExceptionIsNeeded() {
    assertThat(STRINGS)
        .filteredOn(NamesTest::names)
        .extracting(Mention::source)
        .containsAll(EXCEPTIONS.keySet());
  }

  @Test
  void nobodyAsksWhetherAnObjectIsAnEntry() {
    assertThat(TYPES)
        .hasSizeGreaterThan(50)
        .filteredOn(each -> ENTRIES.stream().anyMatch(entry -> entry.isAskedForIn(each)))
        .isEmpty();
  }
}
