package org.stackel;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.bilevel.Bilevel;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;

/** The rules of docs/architecture.md, checked on the compiled classes. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("test-classes"))
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.stackel");

  private static final Path ROOT = Path.of("..");

  /**
   * A row of the table in docs/architecture.md.
   *
   * @param module whose sources hold the package
   * @param uses packages of Stackel that it may use besides config
   */
  private record Room(String module, List<String> uses) {}

  private static final Map<String, Room> ROOMS = rooms();

  private static Map<String, Room> rooms() {
    var module = Pattern.compile("\\| \\*\\*(stackel-[a-z]+)\\*\\* .*");
    var row = Pattern.compile("\\| `([a-z]+)` \\|.*\\|([^|]*)\\|");
    var rooms = new TreeMap<String, Room>();
    String current = "";
    for (String line : read(ROOT.resolve("docs/architecture.md")).lines().toList()) {
      Matcher at = module.matcher(line);
      Matcher room = row.matcher(line);
      if (at.matches()) {
        current = at.group(1);
      } else if (room.matches()) {
        var uses = Pattern.compile("`([a-z]+)`").matcher(room.group(2));
        rooms.put(
            room.group(1), new Room(current, uses.results().map(found -> found.group(1)).toList()));
      }
    }
    return rooms;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> sources() {
    try (Stream<Path> files = Files.list(ROOT)) {
      return files
          .map(module -> module.resolve("src/main/java/org/stackel"))
          .filter(Files::isDirectory)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those whose classes are here: the processor and the benchmarks are nobody's dependency. */
  static Stream<String> packages() {
    return ROOMS.keySet().stream()
        .filter(name -> !List.of("processor", "benchmark").contains(name));
  }

  @ParameterizedTest
  @MethodSource("packages")
  void dependenciesPointOneWay(String name) {
    String[] allowed =
        Stream.concat(Stream.of(name, "config"), ROOMS.get(name).uses().stream())
            .map(each -> "org.stackel." + each)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("org.stackel." + name)
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.stackel..").and(not(resideInAnyPackage(allowed))))
        .check(CLASSES);
  }

  /** The table promises no more than is needed. */
  @ParameterizedTest
  @MethodSource("packages")
  void everyUseIsMade(String name) {
    Set<String> used =
        CLASSES.stream()
            .filter(type -> type.getPackageName().equals("org.stackel." + name))
            .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
            .map(dependency -> dependency.getTargetClass().getPackageName())
            .collect(Collectors.toSet());
    assertThat(ROOMS.get(name).uses())
        .allSatisfy(each -> assertThat(used).contains("org.stackel." + each));
  }

  @Test
  void theTableHasEveryPackageInItsModule() throws IOException {
    var found = new TreeMap<String, String>();
    for (Path module : sources().toList()) {
      try (Stream<Path> packages = Files.list(module)) {
        packages
            .filter(Files::isDirectory)
            .forEach(
                each ->
                    found.put(
                        each.getFileName().toString(),
                        ROOT.relativize(each).getName(0).toString()));
      }
    }
    assertThat(found).isNotEmpty();
    var stated = new TreeMap<String, String>();
    ROOMS.forEach((name, room) -> stated.put(name, room.module()));
    assertThat(stated).isEqualTo(found);
  }

  @Test
  void thereAreNoCycles() {
    slices().matching("org.stackel.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        rule(
            "only ranks of a run open connections",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.distributed")
                .should()
                .dependOnClassesThat(
                    resideInAnyPackage("java.net.http..", "javax.net..", "java.rmi..")
                        .or(assignableTo(java.net.Socket.class))
                        .or(assignableTo(java.net.ServerSocket.class))
                        .or(assignableTo(java.net.DatagramSocket.class))
                        .or(assignableTo(java.net.HttpURLConnection.class))
                        .or(assignableTo(java.nio.channels.NetworkChannel.class)))
                .orShould()
                .callMethod(java.net.URL.class, "openStream")),
        rule(
            "data are never code",
            noClasses()
                .should()
                .dependOnClassesThat(
                    resideInAPackage("javax.script..")
                        .or(assignableTo(java.io.ObjectInputStream.class)))),
        rule(
            "only the command line starts processes: itself",
            noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.stackel.cli.LocalRanks")
                .and()
                .doNotHaveFullyQualifiedName("org.stackel.cli.OwnProcess")
                .should()
                .dependOnClassesThat(assignableTo(ProcessBuilder.class))
                .orShould()
                .callMethod(Runtime.class, "exec", String.class)),
        rule(
            "only distributed knows how ranks communicate",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.distributed")
                .should()
                .dependOnClassesThat(
                    assignableTo(org.bytedeco.pytorch.Backend.class)
                        .or(assignableTo(org.bytedeco.pytorch.Store.class)))),
        rule(
            "algorithms know no problem but its interface",
            noClasses()
                .that()
                .resideInAnyPackage("org.stackel.algorithm", "org.stackel.authors")
                .should()
                .dependOnClassesThat(
                    assignableTo(ProblemOptions.class)
                        .or(resideInAPackage("java.nio.."))
                        .or(resideInAPackage("java.time.."))
                        .or(resideInAPackage("java.util.logging.."))
                        .or(assignableTo(org.stackel.oracle.AutogradOracle.class)))),
        rule(
            "core knows no cli library",
            noClasses()
                .that()
                .resideOutsideOfPackages(
                    "org.stackel.cli", "org.stackel.report", "org.stackel.runfile")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "tools.jackson.databind..",
                    "com.fasterxml.jackson..",
                    "picocli..",
                    "org.slf4j..",
                    "me.tongfei..",
                    "java.util.logging..")),
        rule(
            "only runfile reads and writes JSON; report writes its page, data, text and tensor have formats of others",
            noClasses()
                .that()
                .resideOutsideOfPackages(
                    "org.stackel.runfile",
                    "org.stackel.report",
                    "org.stackel.data",
                    "org.stackel.text",
                    "org.stackel.tensor")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("tools.jackson..")),
        rule(
            "only spark knows Spark",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.spark")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "scala..")),
        rule(
            "only cli knows picocli and the progress bar",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.cli")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "me.tongfei..")),
        rule(
            "reports and files touch no tensor",
            noClasses()
                .that()
                .resideInAnyPackage("org.stackel.report", "org.stackel.runfile")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")),
        rule(
            "only reports draw",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.report")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.awt..", "javax.imageio..", "org.knowm..")),
        rule(
            "scripts are found in the catalogue, like plug-ins",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.authors")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.stackel.authors")),
        rule("no static state", fields().that().areStatic().should().beFinal()),
        rule(
            "only cli prints",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.cli")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")),
        rule(
            "randomness has a seed, but for secrets",
            noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.stackel.distributed.Token")
                .should()
                .dependOnClassesThat(
                    assignableTo(java.util.Random.class)
                        .or(assignableTo(java.security.SecureRandom.class)))
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethodWhere(
                    com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                        com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                            "manual_seed|manual_seed_all|randomUUID|shuffle")))),
        rule(
            "only tensor decides when native memory is freed",
            noClasses()
                .that()
                .resideOutsideOfPackage("org.stackel.tensor")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.bytedeco.javacpp.PointerScope")
                .orShould()
                .callMethodWhere(
                    com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                        com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                            "retainReference|releaseReference")))),
        rule(
            "nobody names an algorithm or a problem but the catalogue",
            noClasses()
                .that()
                .resideOutsideOfPackages(
                    "org.stackel.algorithm", "org.stackel.authors", "org.stackel.benchmark")
                .should()
                .dependOnClassesThat(
                    assignableTo(BilevelAlgorithm.class)
                        .and(
                            not(
                                com.tngtech.archunit.core.domain.JavaClass.Predicates
                                    .INTERFACES)))));
  }

  private static Arguments rule(String name, ArchRule rule) {
    return Arguments.of(org.junit.jupiter.api.Named.of(name, rule));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void mustNot(ArchRule rule) {
    rule.check(CLASSES);
  }

  @Test
  void everyAlgorithmIsInTheCatalogue() {
    assertThat(implementations(BilevelAlgorithm.class))
        .containsExactlyInAnyOrderElementsOf(
            Algorithms.all().stream().map(e -> e.defaults().getClass().getName()).toList());
  }

  /** But the statement of a problem by functions, which has no options. */
  @Test
  void everyProblemIsInTheCatalogue() {
    assertThat(implementations(ProblemOptions.class))
        .contains(Bilevel.class.getName())
        .filteredOn(name -> !name.equals(Bilevel.class.getName()))
        .containsExactlyInAnyOrderElementsOf(
            Problems.all().stream().map(e -> e.defaults().getClass().getName()).toList());
  }

  private static List<String> implementations(Class<?> type) {
    return CLASSES.stream()
        .filter(c -> c.isAssignableTo(type) && !c.isInterface())
        .filter(c -> !c.getModifiers().contains(JavaModifier.ABSTRACT))
        .map(JavaClass::getName)
        .toList();
  }
}
