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
import java.util.List;
import java.util.Map;
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

  /** What each package may use of Stackel; config may be used by all. */
  private static final Map<String, List<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("config", List.of()),
          Map.entry("plugin", List.of()),
          Map.entry("tensor", List.of()),
          Map.entry("data", List.of("tensor")),
          Map.entry("model", List.of("tensor", "data")),
          Map.entry("problem", List.of("plugin", "tensor", "data", "model")),
          Map.entry("bilevel", List.of("tensor", "problem", "optim")),
          Map.entry("oracle", List.of("tensor", "problem")),
          Map.entry("hypergradient", List.of("tensor", "oracle")),
          Map.entry("optim", List.of("tensor")),
          Map.entry(
              "algorithm",
              List.of("plugin", "tensor", "optim", "hypergradient", "oracle", "problem")),
          Map.entry("solver", List.of("tensor", "problem", "oracle", "algorithm")),
          Map.entry(
              "authors",
              List.of("tensor", "optim", "hypergradient", "oracle", "problem", "algorithm")),
          Map.entry("distributed", List.of("tensor", "oracle", "problem")),
          Map.entry("baseline", List.of("tensor", "data", "model", "problem", "optim")),
          Map.entry("runfile", List.of()),
          Map.entry("report", List.of("runfile")),
          Map.entry(
              "experiment",
              List.of(
                  "tensor",
                  "data",
                  "model",
                  "problem",
                  "oracle",
                  "hypergradient",
                  "optim",
                  "algorithm",
                  "distributed",
                  "baseline",
                  "runfile")));

  static Stream<String> packages() {
    return ALLOWED.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void dependenciesPointOneWay(String name) {
    String[] allowed =
        Stream.concat(
                Stream.of("java..", "org.bytedeco..", "org.jspecify..", "org.stackel.config"),
                Stream.concat(Stream.of(name), ALLOWED.get(name).stream())
                    .map(each -> "org.stackel." + each))
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("org.stackel." + name)
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.stackel..").and(not(resideInAnyPackage(allowed))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyPackageHasARule() {
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
        .allSatisfy(
            name ->
                assertThat(name)
                    .isIn(
                        Stream.concat(Stream.of("cli"), packages())
                            .map(each -> "org.stackel." + each)
                            .toList()));
  }

  @Test
  void thereAreNoCycles() {
    slices().matching("org.stackel.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  static Stream<Arguments> rules() {
    return Stream.of(
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
                    "org.stackel.cli",
                    "org.stackel.experiment",
                    "org.stackel.report",
                    "org.stackel.runfile")
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
            "only runfile reads and writes JSON; report writes its page, data and tensor have formats of others",
            noClasses()
                .that()
                .resideOutsideOfPackages(
                    "org.stackel.runfile",
                    "org.stackel.report",
                    "org.stackel.data",
                    "org.stackel.tensor")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("tools.jackson..")),
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
            "randomness has a seed",
            noClasses()
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
            "nobody but stackel-spark knows Spark",
            noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.spark..")));
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
