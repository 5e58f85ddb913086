package org.stackel.benchmark;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.stackel.hypergradient.ConjugateGradient;
import org.stackel.model.Input;
import org.stackel.model.Rnn;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Device;
import org.stackel.tensor.HostRows;
import org.stackel.tensor.LinearSum;
import org.stackel.tensor.Plain;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Times of what steps are made of, by JMH: {@code scripts/bench --jmh}. Every call opens a scope of
 * native memory, whose own time is {@link #scope}'s. One thread.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls what makes the fields
public class BuildingBlocks {
  private static final Seed SEED = new Seed(1);

  /** Tensors of a benchmark live in a scope around all of its calls. */
  public abstract static class Native {
    private StateScope scope;

    /** On the thread that measures, to which the scope belongs. */
    @Setup
    public final void open() {
      Blas.setThreads(1);
      scope = StateScope.open();
      make();
    }

    /** Frees them. */
    @TearDown
    public final void close() {
      scope.close();
    }

    abstract void make();
  }

  /** Vectors on either side of {@link Plain}'s limit. */
  @State(Scope.Thread)
  public static class Vectors extends Native {
    /** Numbers of a vector. */
    @Param({"20", "128", "100000"})
    public int size;

    private Tensor z;
    private Tensor hessian;
    private Tensor b;

    @Override
    void make() {
      z = Tensors.randn(SEED.child("z"), Device.CPU, size);
      hessian = Tensors.randn(SEED.child("hessian"), Device.CPU, size);
      b = Tensors.randn(SEED.child("b"), Device.CPU, size);
    }
  }

  /** A quadratic that is small enough for plain arrays. */
  @State(Scope.Thread)
  public static class Quadratic extends Native {
    private static final int SIZE = 20;

    private double[] rowsOfA;
    private double[] rowsOfB;
    private Tensor a;
    private Tensor b;
    private Tensor d;
    private Tensor x;
    private Tensor y;

    @Override
    void make() {
      a = Tensors.randn(SEED.child("A"), Device.CPU, SIZE, SIZE);
      b = Tensors.randn(SEED.child("B"), Device.CPU, SIZE, SIZE);
      rowsOfA = Tensors.toArray(a.reshape(-1));
      rowsOfB = Tensors.toArray(b.reshape(-1));
      d = Tensors.randn(SEED.child("d"), Device.CPU, SIZE);
      x = Tensors.randn(SEED.child("x"), Device.CPU, SIZE);
      y = Tensors.randn(SEED.child("y"), Device.CPU, SIZE);
    }
  }

  /** Features of which a minibatch is taken. */
  @State(Scope.Thread)
  public static class Features extends Native {
    private static final int EXAMPLES = 50_000;
    private static final int WIDTH = 22;
    private static final int BATCH = 64;

    private Tensor matrix;
    private HostRows readable;
    private int[] numbers;

    @Override
    void make() {
      matrix = Tensors.randn(SEED.child("features"), Device.CPU, EXAMPLES, WIDTH);
      readable = Objects.requireNonNull(HostRows.of(matrix));
      numbers = SEED.generator().ints(BATCH, 0, EXAMPLES).toArray();
    }
  }

  /** Linear data cleaning: softmax regression of 101 features to 38 classes, batches of 256. */
  @State(Scope.Thread)
  public static class Softmax extends Native {
    private BilevelProblem<?> problem;
    private Start start;
    private Linearization at;
    private Tensor gradient;

    @Override
    void make() {
      problem = Problems.create("data-cleaning", Map.of()).open(SEED.child("data"), Device.CPU);
      start = problem.start(SEED.child("start"));
      at = linearized();
      gradient = at.gradY();
    }

    private Linearization linearized() {
      return new AutogradOracle<>(problem, SEED.child("step"), Sampling.SHARED, Shard.ALL)
          .lower()
          .linearize(start.x(), start.y());
    }

    /** Its data too. */
    @TearDown
    public void closeProblem() {
      problem.close();
    }
  }

  /** An Elman network of one layer, 64 texts of 25 words. */
  @State(Scope.Thread)
  public static class Network extends Native {
    private static final int WORDS = 25;
    private static final int TEXTS = 64;
    private static final int WIDTH = 300;

    private final Rnn rnn = Rnn.elman(WIDTH, 256, 1);
    private List<Tensor> parameters;
    private Input input;

    @Override
    void make() {
      parameters = rnn.layout().split(rnn.initial(SEED.child("start"), Device.CPU));
      input =
          new Input.Sequence(
              Tensors.randn(SEED.child("texts"), Device.CPU, WORDS, TEXTS, WIDTH),
              Tensors.zeros(Device.CPU, WORDS, TEXTS, 1).to(torch.ScalarType.Bool));
    }
  }

  /** An empty scope: part of every other time. */
  @Benchmark
  public boolean scope() {
    try (var scope = StateScope.open()) {
      return scope.isOpen();
    }
  }

  /** An update such as {@code z - ρ (Hz - b)}. */
  @Benchmark
  public Tensor linearSum(Vectors s) {
    try (var scope = StateScope.open()) {
      return LinearSum.of(s.z).plus(-0.1, s.hessian).plus(0.1, s.b).get();
    }
  }

  /** The same by operations of libtorch. */
  @Benchmark
  public Tensor linearSumByOperations(Vectors s) {
    try (var scope = StateScope.open()) {
      return Tensors.axpy(Tensors.axpy(s.z, -0.1, s.hessian), 0.1, s.b);
    }
  }

  /** {@code Ay + Bx + d} of 20 numbers by {@link Plain}, as closed forms do. */
  @Benchmark
  public Tensor closedForm(Quadratic s) {
    try (var scope = StateScope.open()) {
      double[] sum = Plain.read(s.d);
      Plain.addProduct(sum, 1, s.rowsOfA, Plain.read(s.y));
      Plain.addProduct(sum, 1, s.rowsOfB, Plain.read(s.x));
      return Plain.like(s.d, sum);
    }
  }

  /** The same by libtorch. */
  @Benchmark
  public Tensor closedFormByLibtorch(Quadratic s) {
    try (var scope = StateScope.open()) {
      return s.d.addmv(s.a, s.y).addmv_(s.b, s.x);
    }
  }

  /** 64 rows of 22 numbers. */
  @Benchmark
  public double[] hostRows(Features s) {
    return s.readable.gather(s.numbers);
  }

  /** The same by libtorch. */
  @Benchmark
  public Tensor rowsByLibtorch(Features s) {
    try (var scope = StateScope.open()) {
      return s.matrix.index_select(0, Tensors.indices(Device.CPU, s.numbers));
    }
  }

  /** Gradient on a minibatch that is drawn and gathered. */
  @Benchmark
  public Tensor softmaxGradient(Softmax s) {
    try (var scope = StateScope.open()) {
      return s.linearized().gradY();
    }
  }

  /** A Hessian product on one that is there already. */
  @Benchmark
  public Tensor softmaxHessianProduct(Softmax s) {
    try (var scope = StateScope.open()) {
      return s.at.hessianVector(s.gradient);
    }
  }

  /** Ten iterations with that product. */
  @Benchmark
  public Tensor conjugateGradient(Softmax s) {
    try (var scope = StateScope.open()) {
      return new ConjugateGradient(10, 0, 0).solve(s.at::hessianVector, s.gradient).v();
    }
  }

  /** Features of a minibatch of texts. */
  @Benchmark
  public Tensor rnnForward(Network s) {
    try (var scope = StateScope.open()) {
      return s.rnn.features(s.parameters, s.input);
    }
  }
}
