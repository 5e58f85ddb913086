package org.stackel.cleaning;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Softmax regression in closed form, on dense and on sparse features. */
class LinearFormsTest {
  @ParameterizedTest
  @CsvSource({"random, squared", "random, norm", "tfidf, squared"})
  void answerAsAutogradDoes(String vectors, String regularizer, @TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("train.csv");
    Files.writeString(
        file,
        "text,label\n"
            + "fresh bread,food\nslow train,travel\nsweet fresh cake,food\nred car,travel\n"
                .repeat(15)
            + "a loud song,music\nslow quiet song,music\n".repeat(5));
    var options =
        Map.of(
            "data", file.toString(),
            "vectors", vectors,
            "regularizer", regularizer,
            "regularization", .1,
            "trainSize", 0,
            "trustedSize", 12,
            "testSize", 8,
            "batch", 12,
            "upperBatch", 9);
    try (var scope = StateScope.open();
        var problem = Problems.create("data-cleaning", options).open(new Seed(3), Device.CPU64)) {
      ClosedFormsContract.check(
          problem,
          new Start(
              Tensors.randn(new Seed(5), Device.CPU64, problem.upperLayout().size()),
              Tensors.randn(new Seed(6), Device.CPU64, problem.lowerLayout().size())));
    }
  }
}
