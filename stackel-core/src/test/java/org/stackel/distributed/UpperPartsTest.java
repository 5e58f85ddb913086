package org.stackel.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Soba;
import org.stackel.bilevel.Bilevel;
import org.stackel.bilevel.Region;
import org.stackel.config.InvalidInputException;
import org.stackel.example.HeavyBall;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Noise;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Ranks that each have a part of x. */
class UpperPartsTest {
  private static final int STEPS = 6;

  /** What each of three ranks makes of its part of seven numbers. */
  private static List<double[]> ofSeven(
      double scale, Device device, Function<UpperParts, Function<Tensor, double[]>> each) {
    return Together.on(
        3,
        ranks -> {
          try (var scope = StateScope.open()) {
            var parts = new UpperParts(ranks, 7);
            double[] numbers = {1, 2, 3, 4, 5, 6, 7};
            Tensor whole = Tensors.scale(scale, Tensors.place(Tensors.of(device, numbers), device));
            return each.apply(parts).apply(whole);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"7, 3", "3, 3", "10, 1", "1000, 64"})
  void everyNumberIsInOnePart(long size, int count) {
    for (int rank = 0; rank < count; rank++) {
      long end = UpperParts.first(size, count, rank + 1);
      for (long number = UpperParts.first(size, count, rank); number < end; number++) {
        assertThat(UpperParts.rankOf(size, count, number)).isEqualTo(rank);
      }
    }
    assertThat(UpperParts.first(size, count, 0)).isZero();
    assertThat(UpperParts.first(size, count, count)).isEqualTo(size);
  }

  @Test
  void partsAreTheWhole() {
    List<double[]> all =
        ofSeven(1, Device.CPU64, parts -> whole -> Tensors.toArray(parts.whole(parts.own(whole))));
    assertThat(all.get(0)).containsExactly(1, 2, 3, 4, 5, 6, 7);
    assertThat(all.get(1)).containsExactly(3, 4);
    assertThat(all.get(2)).containsExactly(5, 6, 7);
  }

  @Test
  void partsComeFromTheFirst() {
    List<double[]> all =
        ofSeven(
            1,
            Device.CPU64,
            parts -> {
              boolean isFirst = parts.ranks().isFirst();
              return whole ->
                  Tensors.toArray(
                      parts.ofFirst(isFirst ? whole : Tensors.zerosLike(parts.own(whole))));
            });
    assertThat(all.get(0)).containsExactly(1, 2);
    assertThat(all.get(1)).containsExactly(3, 4);
    assertThat(all.get(2)).containsExactly(5, 6, 7);
  }

  /** Squares of these numbers are infinite, or 0. */
  @ParameterizedTest
  @CsvSource({"1, 1e-15", "1e200, 1e-15", "1e-200, 1e-15", "0, 0"})
  void normsAndProductsAreThoseOfAllParts(double scale, double relative) {
    double expected = scale * Math.sqrt(140);
    for (double[] norm :
        ofSeven(
            scale, Device.CPU64, parts -> whole -> new double[] {parts.norm(parts.own(whole))})) {
      assertThat(norm[0]).isEqualTo(expected, within(relative * expected));
    }
    for (double[] dot :
        ofSeven(
            1,
            Device.CPU64,
            parts -> whole -> new double[] {parts.dot(parts.own(whole), parts.own(whole))})) {
      assertThat(dot[0]).isEqualTo(140);
    }
  }

  /** Of one rank after its steps. */
  private record Reached(double[] x, double[] y, long part, long numbers, long messages) {}

  private static <S extends Record & AlgorithmState> Reached run(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, int pieces, Ranks ranks) {
    var setup = Solver.Setup.DEFAULT.withRanks(ranks).withPieces(pieces).withPartsOfX();
    try (Solver<S> solver = Solver.start(algorithm, problem, new Seed(2), setup)) {
      solver.next();
      long numbers = ranks.numbers();
      long messages = ranks.messages();
      for (int i = 1; i < STEPS; i++) {
        solver.next();
      }
      numbers = ranks.numbers() - numbers;
      messages = ranks.messages() - messages;
      try (var scope = StateScope.open()) {
        long part = solver.x().numel();
        Map<String, Tensor> whole = solver.wholeTensors();
        return new Reached(
            Tensors.toArray(whole.get("x")),
            Tensors.toArray(whole.get("y")),
            part,
            numbers,
            messages);
      }
    }
  }

  private static List<Reached> runs(
      int count,
      BilevelAlgorithm<?> algorithm,
      int pieces,
      int n,
      int batch,
      Function<Bilevel<Tensor>, Bilevel<Tensor>> change) {
    return Together.on(
        count,
        ranks -> {
          try (var scope = StateScope.open();
              var problem = change.apply(WeightedFits.of(n, batch)).open()) {
            return run(algorithm, problem, pieces, ranks);
          }
        });
  }

  private static List<Reached> runs(int count, String algorithm, int n, int batch) {
    return runs(count, Algorithms.create(algorithm, Map.of()), 1, n, batch, same -> same);
  }

  /** A minibatch of one example leaves two of three ranks without any. */
  @ParameterizedTest
  @ValueSource(strings = {"slip", "bo-rep", "adambo", "saba", "stocbio", "maml", "bome"})
  void aMinibatchOfOneExampleIsShared(String algorithm) {
    Reached alone = runs(1, algorithm, 10, 1).get(0);
    List<Reached> together = runs(3, algorithm, 10, 1);
    assertThat(together.get(0).x()).containsExactly(alone.x(), within(1e-12));
    assertThat(together).extracting(Reached::part).containsExactly(3L, 3L, 4L);
    assertThat(together)
        .allSatisfy(rank -> assertThat(rank.y()).containsExactly(alone.y(), within(1e-12)));
    assertThat(Arrays.stream(alone.x()).filter(number -> number != .5)).isNotEmpty();
  }

  @Test
  void aPartIsCutIntoPieces() {
    var soba = Algorithms.create("soba", Map.of());
    Reached alone = runs(1, soba, 1, 10, 5, same -> same).get(0);
    Reached pieces = runs(3, soba, 2, 10, 5, same -> same).get(0);
    assertThat(pieces.part()).isEqualTo(3);
    assertThat(pieces.x()).containsExactly(alone.x(), within(1e-12));
  }

  /** The numbers sent in five steps are those of y, of norms and of sizes. */
  @ParameterizedTest
  @CsvSource({"slip, 20", "soba, 10", "adambo, 25", "saba, 10"})
  void bytesDoNotGrowWithX(String algorithm, long messages) {
    Reached few = runs(2, algorithm, 20, 8).get(1);
    Reached many = runs(2, algorithm, 200, 8).get(1);
    assertThat(many.part()).isEqualTo(100);
    assertThat(many.numbers()).isEqualTo(few.numbers()).isLessThan(15 * messages);
    assertThat(many.messages()).isEqualTo(few.messages()).isEqualTo(messages);
  }

  @Test
  void anAlgorithmThatDoesNotSayWhatIsLikeXHasAllOfIt() {
    assertThat(runs(2, new HeavyBall(), 1, 10, 4, same -> same))
        .extracting(Reached::part)
        .containsExactly(10L, 10L);
  }

  @Test
  void noiseInXIsDrawnForAllOfIt() {
    var soba = Algorithms.create("soba", Map.of());
    var noise = new Noise(.1, 0);
    assertThat(runs(2, soba, 1, 10, 4, problem -> problem.noise(noise)))
        .extracting(Reached::part)
        .containsExactly(10L, 10L);
  }

  @Test
  void aPartIsNotEvaluated() {
    assertThatThrownBy(
            () ->
                Together.on(
                    2,
                    ranks -> {
                      var setup = Solver.Setup.DEFAULT.withRanks(ranks).withPartsOfX();
                      try (var scope = StateScope.open();
                          var problem = WeightedFits.of(10, 4).open();
                          var solver = Solver.start(new Soba(), problem, new Seed(2), setup)) {
                        return solver.evaluate();
                      }
                    }))
        .hasMessageContaining("A part of x cannot be evaluated.");
  }

  @Test
  void problemsThatCannotBeCutSaySo() {
    try (var scope = StateScope.open()) {
      Bilevel<Tensor> problem = WeightedFits.of(10, 4);
      assertThatThrownBy(() -> problem.batches(11, 4, 9, 4).open())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(
              "perExample() does not go with weighted-fits: x is not one vector of 11 numbers.")
          .hasMessageContaining("\nMaybe ");
      assertThatThrownBy(() -> problem.constrainX(Region.ball(1)).open())
          .hasMessageContaining("x is kept in a set that is no box of two numbers");
      assertThatThrownBy(() -> problem.upper((x, y, m) -> x.dot(x).add(y.dot(y))).open())
          .hasMessageStartingWith("The upper loss of weighted-fits depends on x.");
    }
  }
}
