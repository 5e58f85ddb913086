package org.stackel.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.model.Classifier;
import org.stackel.model.Head;
import org.stackel.model.Input;
import org.stackel.model.Rnn;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Wall times of second-order work on recurrent networks. One measurement a process, because BLAS
 * and its threads are chosen once; {@code scripts/benchmark} makes the table. Not a test: a time
 * depends on what else the machine does.
 */
final class RnnTimes {
  private static final Seed SEED = new Seed(1);

  private RnnTimes() {}

  /**
   * Prints {@code blas threads median least} in milliseconds.
   *
   * @param args {@code products}, {@code wide} or {@code slip}, threads, repetitions to discard,
   *     repetitions
   */
  public static void main(String[] args) {
    int threads = Integer.parseInt(args[1]);
    if (threads > 0) {
      Blas.setThreads(threads);
    }
    int discarded = Integer.parseInt(args[2]);
    int repetitions = Integer.parseInt(args[3]);
    try (var scope = StateScope.open()) {
      double[] times =
          switch (args[0]) {
            case "slip" -> slip(discarded, repetitions);
            case "wide" -> products(new WeightedTexts(3_072, 8, 6), discarded, repetitions);
            default -> products(new WeightedTexts(256, 64, 20), discarded, repetitions);
          };
      Arrays.sort(times);
      System.out.printf(
          "%s %d %.2f %.2f%n", Blas.name(), Blas.threads(), times[times.length / 2], times[0]);
    }
  }

  /** One gradient and five Hessian–vector products. */
  private static double[] products(WeightedTexts problem, int discarded, int repetitions) {
    double[] times = new double[repetitions];
    try (problem) {
      Start start = problem.start(SEED.child("start"));
      Tensor v = Tensors.randn(SEED.child("v"), Device.CPU, problem.lowerLayout().size());
      for (int i = -discarded; i < repetitions; i++) {
        long begin = System.nanoTime();
        try (var scope = StateScope.open()) {
          var oracle = new AutogradOracle<>(problem, SEED.child(i), Sampling.SHARED, Shard.ALL);
          Linearization at = oracle.lower().linearize(start.x(), start.y());
          at.gradY();
          for (int k = 0; k < 5; k++) {
            at.hessianVector(v);
          }
        }
        if (i >= 0) {
          times[i] = (System.nanoTime() - begin) / 1e6;
        }
      }
    }
    return times;
  }

  /** SLIP's steps on data cleaning with an RNN of width 64, 16 words a text, batches of 128. */
  private static double[] slip(int discarded, int repetitions) {
    var problem =
        Problems.create(
            "data-cleaning",
            Map.of(
                "encoder", "rnn", "hidden", 64, "maxTokens", 16, "batch", 128, "upperBatch", 128));
    var algorithm =
        Algorithms.create(
            "slip",
            Map.of("upperLr", 1, "lowerLr", 0.5, "linearSystemLr", 0.1, "sampling", "shared"));
    try (var opened = problem.open(SEED.child("data"), Device.CPU)) {
      return steps(algorithm, opened, discarded, repetitions);
    }
  }

  private static <S extends Record & AlgorithmState> double[] steps(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, int discarded, int repetitions) {
    S state;
    try (var scope = StateScope.open()) {
      state =
          scope.keep(
              algorithm.init(
                  problem.start(SEED.child("start")),
                  new AutogradOracle<>(
                      problem, SEED.child("init"), algorithm.sampling(), Shard.ALL)));
    }
    double[] times = new double[repetitions];
    for (int t = 0; t < discarded + repetitions; t++) {
      long begin = System.nanoTime();
      S next;
      try (var scope = StateScope.open()) {
        var oracle =
            new AutogradOracle<>(
                problem, SEED.child("step").child(t), algorithm.sampling(), Shard.ALL);
        next = scope.keep(algorithm.step(t, state, oracle));
      }
      StateScope.release(state);
      state = next;
      if (t >= discarded) {
        times[t - discarded] = (System.nanoTime() - begin) / 1e6;
      }
    }
    StateScope.release(state);
    return times;
  }

  /** A classifier on random word vectors, a weight for each text; lives in the scope around it. */
  private static final class WeightedTexts implements FeatureProblem<Seed> {
    private static final int WIDTH = 300;
    private static final int CLASSES = 10;

    private final int texts;
    private final Classifier classifier;
    private final Input input;
    private final Tensor labels;

    /** Two layers of an Elman network, and so many texts of so many words. */
    WeightedTexts(int hidden, int texts, int words) {
      this.texts = texts;
      classifier =
          new Classifier.Encoded(Rnn.elman(WIDTH, hidden, 2), new Head(hidden, List.of(), CLASSES));
      input =
          new Input.Sequence(
              Tensors.randn(SEED.child("texts"), Device.CPU, words, texts, WIDTH),
              Tensors.zeros(Device.CPU, words, texts, 1).to(torch.ScalarType.Bool));
      labels = Tensors.indices(Device.CPU, SEED.generator().ints(texts, 0, CLASSES).toArray());
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("weights", texts);
    }

    @Override
    public Layout lowerLayout() {
      return classifier.layout();
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.zeros(Device.CPU, texts), classifier.initial(seed, Device.CPU));
    }

    @Override
    public Seed upperBatch(Seed draw, Shard shard) {
      return draw;
    }

    @Override
    public Seed lowerBatch(Seed draw, Shard shard) {
      return draw;
    }

    @Override
    public Tensor features(Tensor x, Seed batch) {
      return x.sigmoid();
    }

    @Override
    public Tensor upperLossOf(Tensor features, Tensor y, Seed batch) {
      return classifier.losses(y, input, labels).mean();
    }

    @Override
    public Tensor lowerLossOf(Tensor features, Tensor y, Seed batch) {
      return classifier.losses(y, input, labels).mul(features).mean();
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return Metrics.NONE;
    }

    @Override
    public void close() {}
  }
}
