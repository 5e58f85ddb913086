package org.stackel.cleaning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.oracle.ClosedFormsContract;
import org.stackel.problem.Problems;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** A recurrent network with its derivatives by hand. */
class RecurrentFormsTest {
  @ParameterizedTest
  @CsvSource({"1, max, squared, 0", "2, mean, norm, 3", "1, last, squared, 2"})
  void answerAsAutogradDoes(
      int layers, String pooling, String regularizer, int head, @TempDir Path directory)
      throws IOException {
    var options = new LinkedHashMap<String, Object>(Map.of("pooling", pooling));
    options.put("layers", layers);
    options.put("regularizer", regularizer);
    options.put("headHidden", head == 0 ? List.of() : List.of(head));
    try (var scope = StateScope.open();
        var problem =
            Problems.create("data-cleaning", with(options, "rnn", directory))
                .open(new Seed(3), Device.CPU64)) {
      ClosedFormsContract.check(
          problem,
          new Start(
              Tensors.randn(new Seed(5), Device.CPU64, problem.upperLayout().size()),
              Tensors.scale(
                  .3, Tensors.randn(new Seed(6), Device.CPU64, problem.lowerLayout().size()))));
    }
  }

  @ParameterizedTest
  @CsvSource({"gru, max", "rnn, padded-max"})
  void othersAreLeftToAutograd(String encoder, String pooling, @TempDir Path directory)
      throws IOException {
    var options = Map.<String, Object>of("pooling", pooling);
    try (var problem =
        Problems.create("data-cleaning", with(options, encoder, directory))
            .open(new Seed(3), Device.CPU64)) {
      assertThat(problem.closedForms()).isNull();
    }
  }

  private static Map<String, Object> with(
      Map<String, Object> options, String encoder, Path directory) throws IOException {
    Path file = directory.resolve("train.csv");
    Files.writeString(
        file,
        "text,label\n"
            + "fresh bread,food\nslow train,travel\nsweet fresh cake,food\nred car,travel\n"
                .repeat(15)
            + "a loud song,music\nslow quiet song,music\n".repeat(5));
    var all = new LinkedHashMap<String, Object>(options);
    all.put("data", file.toString());
    all.put("encoder", encoder);
    all.put("vectors", "random");
    all.put("hidden", 2);
    all.put("regularization", .1);
    all.put("trainSize", 0);
    all.put("trustedSize", 12);
    all.put("testSize", 8);
    all.put("batch", 7);
    all.put("upperBatch", 5);
    return all;
  }
}
