package org.stackel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.experiment.Draft;
import org.stackel.run.RunListener;

/** Files are the same in every locale, also in those with digits of their own. */
class LocaleTest {
  /** A number in a text that {@code formatted} writes in the locale of the machine. */
  private static final Pattern LOCAL =
      Pattern.compile(
          "\"(?:[^\"\\\\\\n]|\\\\.)*%[-,+0 #(]*\\d*(?:\\.\\d+)?[dfgeE](?:[^\"\\\\\\n]|\\\\.)*\""
              + "\\s*\\.formatted\\(");

  /** Those whose texts are names of files, or go into files. */
  private static final List<String> PACKAGES =
      List.of("runfile", "report", "tensor", "run", "compare", "experiment");

  @TempDir Path temp;

  @Test
  void whatIsWrittenToFilesHasNoLocale() throws IOException {
    var found = new ArrayList<String>();
    int files = 0;
    for (Path file : sources()) {
      files++;
      LOCAL
          .matcher(Files.readString(file))
          .results()
          .forEach(hit -> found.add(file.getFileName() + ": " + hit.group()));
    }
    assertThat(files).isGreaterThan(50);
    assertThat(found).as("String.format(Locale.ROOT, …) is meant").isEmpty();
  }

  private static List<Path> sources() throws IOException {
    var sources = new ArrayList<Path>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.toList()) {
        for (String name : PACKAGES) {
          Path folder = module.resolve("src/main/java/org/stackel").resolve(name);
          if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
              sources.addAll(files.toList());
            }
          }
        }
      }
    }
    return sources;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "fa", "th-TH-u-nu-thai", "tr"})
  void aRunIsTheSameInEveryLocale(String language) throws IOException {
    Path experiment =
        Files.writeString(
            temp.resolve("q.json"),
            """
            {"problem": {"type": "quadratic", "A": [[2]], "B": [[1]], "d": [3], "E": [[1]]},
             "algorithm": {"type": "slip", "upperLr": 0.05, "lowerLr": 0.1},
             "steps": 30, "evaluateEvery": 5, "checkpointEvery": 10, "threads": 1}
            """);
    Path plain = temp.resolve("plain");
    Path local = temp.resolve("local");
    Stackel.run(Draft.read(experiment).experiment(), plain, new RunListener() {});
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag(language));
      Stackel.run(Draft.read(experiment).experiment(), local, new RunListener() {});
      Stackel.resume(local);
    } finally {
      Locale.setDefault(before);
    }
    try (Stream<Path> walk = Files.walk(plain)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path same = local.resolve(plain.relativize(file).toString());
        assertThat(same).exists();
        if (!file.toString().matches(".*(provenance|outcome|metrics)\\.jsonl?")) { // times
          assertThat(same).hasSameBinaryContentAs(file);
        }
      }
    }
    assertThat(local.resolve("checkpoints/step-000030.safetensors")).exists();
  }
}
