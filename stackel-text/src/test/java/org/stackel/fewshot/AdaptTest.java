package org.stackel.fewshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.predict.Predict;
import org.stackel.problem.Artifacts;
import org.stackel.run.ResultDirectory;
import org.stackel.run.RunDirectory.IfExists;

/** {@code Meta} and {@code Adapt}. */
class AdaptTest {
  @TempDir Path folder;

  private static final List<List<String>> WORDS =
      List.of(List.of("tree", "leaf", "flower"), List.of("river", "stone", "rain"));

  /** Texts of two classes in some domains, which have words of their own. */
  private String texts(String name, int perClass, List<String> domains, long seed) {
    var random = new Random(seed);
    var csv = new StringBuilder("text,label,domain\n");
    for (String domain : domains) {
      for (int i = 0; i < 2 * perClass; i++) {
        int kind = i % 2;
        csv.append(WORDS.get(kind).get(random.nextInt(3)))
            .append(" ")
            .append(domain)
            .append(" number")
            .append(random.nextInt(9))
            .append(kind == 0 ? ",up," : ",down,")
            .append(domain)
            .append("\n");
      }
    }
    try {
      return Files.writeString(folder.resolve(name), csv).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Tag("slow")
  void aHeadIsPutOnAnEncoderOfOtherDomains() {
    String train = texts("train.csv", 14, List.of("books", "music", "toys"), 1);
    ResultDirectory encoder = ResultDirectory.create(folder.resolve("encoder"), IfExists.REFUSE);
    Meta meta = Meta.builder().data(train).domain("domain").shots(3).steps(2).build();
    var said = new ArrayList<String>();
    Meta.Trained trained = meta.run(encoder, () -> said.contains("step 2 of 2"), said::add);
    assertThat(trained).isNotNull();
    assertThat(trained.stopped()).as("there were no more steps").isFalse();
    assertThat(trained.metrics().values())
        .containsKeys("testAccuracy", "meanVectorAccuracy", "startAccuracy");
    encoder.finish(trained.sheet());

    String few = texts("few.csv", 6, List.of("garden"), 2);
    String test = texts("test.csv", 20, List.of("garden"), 3);
    ResultDirectory out = ResultDirectory.create(folder.resolve("out"), IfExists.REFUSE);
    Adapt adapt =
        Adapt.builder().model(folder.resolve("encoder").toString()).data(few).test(test).build();
    assertThat(adapt.run(out, () -> true, talk -> {})).isNull();
    assertThat(out.path()).doesNotExist();
    Adapt.Adapted adapted = adapt.run(out, () -> false, talk -> {});
    assertThat(adapted).isNotNull();
    assertThat(adapted.classes()).containsExactly("down", "up");
    assertThat(adapted.results()).containsKeys("encoder", "mean word vectors");
    Adapt.Result own = adapted.results().get("encoder");
    assertThat(own.testAccuracy()).isGreaterThan(.8);
    assertThat(own.foldAccuracy()).isGreaterThan(.8);
    Predict.Predicted done =
        Predict.builder()
            .model(folder.resolve("out").toString())
            .file(test)
            .label("label")
            .build()
            .to(folder.resolve("predicted.csv"));
    assertThat(done.accuracy()).isCloseTo(own.testAccuracy(), within(1e-12));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    String train = texts("train.csv", 14, List.of("books"), 1);
    assertThatThrownBy(
            () ->
                Meta.builder()
                    .data(train)
                    .domain("domain")
                    .build()
                    .run(Artifacts.NONE, () -> false, said -> {}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("domains have two classes with 20 texts");
    assertThatThrownBy(
            () -> Meta.builder().data(train).build().run(Artifacts.NONE, () -> false, said -> {}))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("--domain with the name of a column");
    assertThatThrownBy(
            () ->
                Adapt.builder()
                    .model(folder.toString())
                    .data(train)
                    .build()
                    .run(Artifacts.NONE, () -> false, said -> {}))
        .hasMessageContaining("There is no model here");
    assertThatThrownBy(
            () ->
                Meta.builder()
                    .data(train)
                    .domain("text")
                    .build()
                    .run(Artifacts.NONE, () -> false, said -> {}))
        .hasMessageContaining("Maybe --text with the name of a column says it");
  }
}
