package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.experiment.Experiment;
import org.stackel.problem.Problems;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ExperimentFile;
import org.stackel.runfile.RunFiles;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** docs/schema against what is written and read. */
class SchemaTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  @TempDir Path directory;

  private static String text(String name) throws IOException {
    return Files.readString(Path.of("..", "docs", "schema", name + ".schema.json"));
  }

  private static List<String> errors(String name, String content) throws IOException {
    Schema schema = SCHEMAS.getSchema(text(name), InputFormat.JSON);
    return schema.validate(content, InputFormat.JSON).stream()
        .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"comparison", "experiment"})
  void schemasAreSchemas(String name) throws IOException {
    Schema draft =
        SCHEMAS.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    assertThat(draft.validate(text(name), InputFormat.JSON)).isEmpty();
  }

  // ---- comparisons

  /** Tests, budgets, targets, tuning; runs that diverge; cleaning with its baselines. */
  static Stream<List<Object>> comparisons() {
    return Stream.of(
        List.of("NOISY", "slip,adambo", "0,1,2", "--tune", 3, "--budget", "oracle", "--steps", 20),
        List.of("NOISY", "slip", "0", "--target", "upperLoss=-5", "--budget=steps=7"),
        List.of("NOISY", "slip,adambo", "0,1", "--set", "algorithm.linearSystemLr=1e200"),
        List.of("clean-wordnet", "slip", "0", "--scale", "tiny", "--steps", 2));
  }

  @ParameterizedTest
  @MethodSource("comparisons")
  void comparisonsKeepTheirSchema(List<Object> options) throws IOException {
    Path out = directory.resolve("c");
    Object experiment =
        options.get(0).equals("NOISY")
            ? Cli.write(directory.resolve("noisy.json"), Cli.NOISY)
            : options.get(0);
    var args =
        new ArrayList<>(
            List.of("compare", experiment, "--out", out, "--algorithms", options.get(1)));
    args.add("--seeds=" + options.get(2));
    args.addAll(options.subList(3, options.size()));
    Cli.Result result = Cli.run(args.toArray());
    assertThat(result.code()).as(result.err()).isIn(0, 3);

    String written = Cli.read(out.resolve("comparison.json"));
    assertThat(errors("comparison", written)).isEmpty();
    assertThat(RunFiles.text(RunFiles.read(out.resolve("comparison.json"), ComparisonFile.class)))
        .isEqualTo(written);
    try (Stream<Path> files = Files.walk(out)) {
      for (Path file : files.filter(each -> each.endsWith(ExperimentFile.NAME)).toList()) {
        assertThat(errors("experiment", Cli.read(file))).isEmpty();
        assertThat(RunFiles.text(RunFiles.read(file, ExperimentFile.class)))
            .isEqualTo(Cli.read(file));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"version\": 1 | \"version\": 2 | /version",
        "\"title\": | \"titel\": | titel",
        "\"kind\": \"bilevel\" | \"kind\": \"best\" | kind",
        "\"better\": \"lower\" | \"better\": \"down\" | better",
        "\"n\": 1 | \"n\": -1 | n",
        "\"sd\": 0.0 | \"sd\": \"none\" | sd",
        "\"kind\": \"steps\" | \"kind\": \"days\" | budget",
        "\"runs\": [ | \"runs\": [3, | runs",
      })
  void otherComparisonsDoNot(String from, String to, String place) throws IOException {
    Path file = Cli.write(directory.resolve("noisy.json"), Cli.NOISY);
    Path out = directory.resolve("c");
    Cli.run("compare", file, "--out", out, "--algorithms", "slip", "--seeds=0", "--steps", 10);
    String written = Cli.read(out.resolve("comparison.json"));
    assertThat(written).contains(from);

    assertThat(errors("comparison", written)).isEmpty();
    assertThat(errors("comparison", written.replace(from, to)))
        .anyMatch(error -> error.contains(place));
  }

  /** A key that is new in a record is new in the schema. */
  @Test
  void schemasHaveTheKeysOfTheRecords() throws IOException {
    JsonNode comparison = JSON.readTree(text("comparison"));
    keys(comparison, ComparisonFile.class, "version");
    Map<String, Class<? extends Record>> types =
        Map.of(
            "/$defs/section", ComparisonFile.Section.class,
            "/$defs/column", ComparisonFile.Column.class,
            "/$defs/row", ComparisonFile.Row.class,
            "/$defs/summary", ComparisonFile.Summary.class,
            "/$defs/tests", ComparisonFile.Tests.class,
            "/$defs/tests/properties/rows/items", ComparisonFile.Difference.class,
            "/$defs/budget", ComparisonFile.Budget.class,
            "/$defs/target", ComparisonFile.Target.class,
            "/$defs/target/properties/rows/items", ComparisonFile.Cost.class,
            "/$defs/tuning", ComparisonFile.Tuning.class);
    types.forEach((place, type) -> keys(comparison.at(place), type));
    keys(comparison.at("/$defs/tuning/properties/rows/items"), ComparisonFile.Tuned.class);
    keys(JSON.readTree(text("experiment")), ExperimentFile.class, "version");
  }

  private static void keys(JsonNode schema, Class<? extends Record> type, String... more) {
    assertThat(schema.get("properties").propertyNames())
        .as(type.getSimpleName())
        .containsExactlyElementsOf(
            Stream.concat(
                    Stream.of(more),
                    Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName))
                .toList());
  }

  // ---- experiments

  static Stream<Arguments> catalogue() {
    return Stream.concat(
        Algorithms.all().stream().map(entry -> Arguments.of("quadratic", entry.name())),
        Problems.all().stream().map(entry -> Arguments.of(entry.name(), "slip")));
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void experimentsKeepTheirSchema(String problem, String algorithm) throws IOException {
    var experiment =
        Experiment.of(
            Map.of("problem", Map.of("type", problem), "algorithm", Map.of("type", algorithm)));
    assertThat(errors("experiment", RunFiles.text(experiment.toFile()))).isEmpty();
  }

  @Test
  void theExampleOfTheDocumentsKeepsIt() throws IOException {
    assertThat(errors("experiment", Cli.EXPERIMENT)).isEmpty();
  }

  /** What the schema refuses is refused by the command. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"seed\": 0 | \"seed\": -1",
        "\"seed\": 0 | \"seed\": 0.5",
        "\"seed\": 0 | \"sed\": 0",
        "\"seed\": 0 | \"version\": 2",
        "\"seed\": 0 | \"version\": \"1\"",
        "\"steps\": 100 | \"steps\": 0",
        "\"steps\": 100 | \"maxSeconds\": 0",
        "\"steps\": 100 | \"maxOracleCalls\": 1.5",
        "\"float64\" | \"float16\"",
        "\"threads\": 1 | \"threads\": 1025",
        "\"check\": \"step\" | \"check\": true",
        "\"type\": \"slip\", | ",
        "\"algorithm\" | \"algoritm\"",
      })
  void otherExperimentsDoNot(String from, String to) throws IOException {
    assertThat(Cli.EXPERIMENT).contains(from);
    String wrong = Cli.EXPERIMENT.replace(from, to == null ? "" : to);
    assertThat(errors("experiment", wrong)).isNotEmpty();
    Path file = Cli.write(directory.resolve("q.json"), wrong);
    assertThat(Cli.run("run", file, "--out", directory.resolve("run")).code()).isEqualTo(2);
  }
}
