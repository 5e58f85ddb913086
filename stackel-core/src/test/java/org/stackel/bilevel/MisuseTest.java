package org.stackel.bilevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.solver.Solver;
import org.stackel.tensor.Cuda;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What is told about mistakes in the statement of a problem, word for word. */
class MisuseTest {
  private StateScope scope;
  private Tensor matrix;
  private Tensor freed;

  @BeforeEach
  void open() {
    scope = StateScope.open();
    matrix = Tensors.of(Device.CPU64, new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
    try (var inner = StateScope.open()) {
      freed = Tensors.of(Device.CPU64, 1, 2, 3);
    }
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Bilevel<Tensor> ridge() {
    return Bilevel.problem(new double[] {1}, new double[] {1, 2, 3})
        .named("ridge")
        .lower((x, y) -> x.sub(y).square().sum())
        .upper((x, y) -> y.square().sum());
  }

  private static InvalidInputException told(ThrowingCallable code, String... lines) {
    var told = catchThrowableOfType(InvalidInputException.class, code);
    assertThat(told).isNotNull().hasMessage(String.join("\n", lines));
    return told;
  }

  private static InvalidInputException toldOfLower(Loss<Tensor> lower, String... lines) {
    return told(() -> ridge().lower(lower).open(), lines);
  }

  // ---- losses ------------------------------------------------------------------------------

  @Test
  void aLossIsOneNumber() {
    toldOfLower(
        (x, y) -> x.sub(y).square(),
        "The lower loss of ridge must be one number; it has shape [3].",
        "Maybe mean() is missing at its end.");
    told(
        () -> ridge().upper((x, y) -> matrix.mul(y)).open(),
        "The upper loss of ridge must be one number; it has shape [2, 3].",
        "Maybe mean() is missing at its end.");
  }

  @Test
  @SuppressWarnings("NullAway")
  void aLossIsNotNull() {
    toldOfLower(
        (x, y) -> null,
        "The lower loss of ridge returned null.",
        "Maybe a return value is missing in one of its branches.");
  }

  @Test
  void aLossDoesNotFreeItsResult() {
    toldOfLower(
        (x, y) -> {
          try (var inner = StateScope.open()) {
            return x.sub(y).square().sum();
          }
        },
        "The lower loss of ridge returned a tensor that has been freed.",
        "Maybe it was made in a StateScope that the function closes; StateScope.nested keeps the"
            + " result.");
  }

  @Test
  void aLossHasAGradient() {
    toldOfLower(
        (x, y) -> Tensors.of(Device.CPU64, Tensors.item(x.sub(y).square().sum())),
        "The lower loss of ridge has no gradient: neither x nor y is in it, or they were detached.",
        "Maybe it goes through Java numbers, as Tensors.item and Tensors.toArray return them.");
    told(
        () -> ridge().upper((x, y) -> y.to(torch.ScalarType.Long).sum()).open(),
        "The upper loss of ridge has no gradient: neither x nor y is in it, or they were detached.",
        "Maybe it goes through Java numbers, as Tensors.item and Tensors.toArray return them.");
  }

  @Test
  void theLowerLossDependsOnBothVariables() {
    toldOfLower(
        (x, y) -> x.sub(y.detach()).square().sum(),
        "The lower loss of ridge does not depend on y.",
        "Maybe y was detached, or another tensor was used in its place.");
    toldOfLower(
        (x, y) -> y.square().sum(),
        "The lower loss of ridge does not depend on x.",
        "Maybe x was detached, or another tensor was used in its place; without x all upper points"
            + " have the same lower solution.");
  }

  @Test
  void aLossIsFiniteAtTheStart() {
    toldOfLower(
        (x, y) -> x.sub(y).log().sum(),
        "The lower loss of ridge is NaN at the start.",
        "Maybe it divides by 0 or takes a logarithm of 0 there; start elsewhere.");
    told(
        () -> ridge().upper((x, y) -> y.sum().div(x.sub(new Scalar(1.0)))).open(),
        "The upper loss of ridge is Infinity at the start.",
        "Maybe it divides by 0 or takes a logarithm of 0 there; start elsewhere.");
    toldOfLower(
        (x, y) -> Tensors.norm(x.sub(y.narrow(0, 0, 1))).sqrt(),
        "The gradient in x of the lower loss of ridge is not finite at the start.",
        "Maybe it takes a square root or a norm of 0 there; start elsewhere.");
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    var told =
        toldOfLower(
            (x, y) -> matrix.t().mv(y).add(x).sum(),
            "The lower loss of ridge failed with x of shape [1] and y of shape [3]: size mismatch,"
                + " got input (3), mat (3x2), vec (3).",
            "Maybe two of its tensors do not fit together.");
    assertThat(told.getCause()).isInstanceOf(RuntimeException.class);
    told(
        () ->
            ridge().lower((x, y, b) -> b.rows(matrix.t()).mv(y).add(x).sum()).batches(3, 2).open(),
        "The lower loss of ridge failed with x of shape [1] and y of shape [3] on 2 samples: size"
            + " mismatch, got input (2), mat (2x2), vec (3).",
        "Maybe two of its tensors do not fit together.");
  }

  @Test
  void aCapturedTensorOfAnotherTypeIsToldWithAWayOut() {
    told(
        () ->
            ridge()
                .lower((x, y) -> matrix.mv(y).sub(x).square().sum())
                .open(new Seed(0), Device.CPU),
        "The lower loss of ridge failed with x of shape [1] and y of shape [3]: expected scalar"
            + " type Double but found Float.",
        "Maybe a tensor that it captured is not float32 on cpu, as which the problem was opened;"
            + " data(name, tensor) and b.rows(tensor) convert.");
  }

  @Test
  void aVariableIsNotChangedInPlace() {
    toldOfLower(
        (x, y) -> y.mul_(x).sum(),
        "The lower loss of ridge failed with x of shape [1] and y of shape [3]: a leaf Variable"
            + " that requires grad is being used in an in-place operation.",
        "Maybe a method whose name ends in _ changes x or y: add() in place of add_().");
  }

  @Test
  void aFreedTensorIsToldAsSuch() {
    String[] lines = {
      "The lower loss of ridge used a tensor that has been freed.",
      "Maybe it was made in a StateScope that has been closed; data(name, tensor) and Tensors.copy"
          + " outlive scopes."
    };
    toldOfLower((x, y) -> freed.mul(y).mul(x).sum(), lines);
    toldOfLower((x, y) -> y.mul(freed).mul(x).sum(), lines);
  }

  @Test
  void anExceptionKeepsItsCause() {
    int[] three = new int[3];
    var told =
        toldOfLower(
            (x, y) -> x.mul(new Scalar(three[3])),
            "The lower loss of ridge failed with x of shape [1] and y of shape [3]:"
                + " ArrayIndexOutOfBoundsException: Index 3 out of bounds for length 3.",
            "Maybe its own code is wrong; the cause of this exception has the line.");
    assertThat(told.getCause()).isInstanceOf(ArrayIndexOutOfBoundsException.class);
    toldOfLower(
        (x, y) -> {
          throw new InvalidInputException("The file is empty.", "another one was meant.");
        },
        "The file is empty.",
        "Maybe another one was meant.");
  }

  /** What goes wrong later is told in the same words, and gives the step up. */
  @Test
  void aLossMayFailInAStep() {
    var calls = new int[1];
    var failing =
        ridge()
            .lower(
                (x, y) -> {
                  if (++calls[0] > 4) {
                    throw new IllegalStateException("no more");
                  }
                  return x.sub(y).square().sum();
                });
    try (var problem = failing.open();
        var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, new Seed(0))) {
      told(
          () -> {
            while (true) {
              solver.next();
            }
          },
          "The lower loss of ridge failed with x of shape [1] and y of shape [3]:"
              + " IllegalStateException: no more.",
          "Maybe its own code is wrong; the cause of this exception has the line.");
      assertThat(solver.step()).isPositive();
    }
  }

  @Test
  void aProblemWithoutANameIsTheProblem() {
    told(
        () ->
            Bilevel.problem(Named.of("s", matrix), Named.of("w", matrix).and("b", matrix))
                .lower((x, y) -> x.get("s").mm(y.get("w")))
                .upper((x, y) -> y.flat())
                .open(),
        "The lower loss of the problem failed with x of s [2, 3] and y of w [2, 3], b [2, 3]: mat1"
            + " and mat2 shapes cannot be multiplied (2x3 and 2x3).",
        "Maybe two of its tensors do not fit together.");
  }

  // ---- starts and data ---------------------------------------------------------------------

  @Test
  void startsAreFloatingPointNumbers() {
    Tensor whole = Tensors.indices(Device.CPU, new int[] {1, 2});
    var told =
        told(
            () -> Bilevel.problem(whole, matrix),
            "x0 must be float32 or float64; it is int64.",
            "Maybe to(torch.ScalarType.Double) is missing.");
    assertThat(told.getCause()).isInstanceOf(IllegalArgumentException.class);
    told(
        () -> Bilevel.problem(Named.of("w", matrix), Named.of("w", matrix).and("b", whole)),
        "y0.b must be float32 or float64; it is int64.",
        "Maybe to(torch.ScalarType.Double) is missing.");
  }

  @Test
  void startsHaveNumbers() {
    told(
        () -> Bilevel.problem(new double[0], new double[1]),
        "x0 has no numbers; its shape is [0].",
        "Maybe it was made before its size was known.");
  }

  @Test
  void startsAreAlive() {
    told(
        () -> Bilevel.problem(matrix, freed),
        "y0 has been freed.",
        "Maybe it was made in a StateScope that has been closed; Tensors.copy outlives scopes.");
  }

  /** Also when the problem opens. */
  @Test
  void whatIsHandedOverLivesUntilTheProblemOpens() {
    Bilevel<Tensor> start;
    Bilevel<Named> named;
    Bilevel<Tensor> data;
    try (var inner = StateScope.open()) {
      Tensor one = Tensors.of(Device.CPU64, 1);
      start = Bilevel.problem(one, one).lower((x, y) -> x.mul(y)).upper((x, y) -> y);
      named =
          Bilevel.problem(Named.of("w", matrix).and("b", one), Named.of("v", matrix))
              .lower((x, y) -> x.flat().sum().mul(y.flat().sum()))
              .upper((x, y) -> y.flat().sum());
      data = ridge().data("a", one);
    }
    String maybe =
        "Maybe it was made in a StateScope that has been closed; Tensors.copy outlives scopes.";
    told(start::open, "x0 has been freed.", maybe);
    told(named::open, "x0.b has been freed.", maybe);
    told(data::open, "The tensor 'a' of the data has been freed.", maybe);
  }

  @Test
  void startsAreOfOneType() {
    Tensor single = Tensors.zeros(Device.CPU, 2);
    told(
        () -> Bilevel.problem(matrix, single),
        "x0 is float64 on cpu, but y0 is float32 on cpu.",
        "Maybe one of them was made for another Device.");
    told(
        () -> Bilevel.problem(Named.of("w", matrix), Named.of("w", matrix).and("b", single)),
        "y0.w is float64 on cpu, but y0.b is float32 on cpu.",
        "Maybe one of them was made for another Device.");
  }

  @Test
  void dataAreAliveAndHaveNames() {
    told(
        () -> ridge().data("a", freed),
        "The tensor 'a' of the data has been freed.",
        "Maybe it was made in a StateScope that has been closed; Tensors.copy outlives scopes.");
    told(
        () -> ridge().data("a", matrix).data("a", matrix),
        "There are two data 'a'.",
        "Maybe another name was meant.");
    Bilevel<Tensor> asking =
        ridge().lower((x, y, b) -> b.data("inptus").mv(y).sub(x).square().sum()).batches(2, 1);
    told(
        asking::open,
        "There are no data 'inptus'.",
        "Maybe data(\"inptus\", …) of the problem is missing.");
    told(
        () -> asking.data("inputs", matrix).open(),
        "There are no data 'inptus'.",
        "Maybe 'inputs' was meant.");
  }

  @Test
  void rowsAreThoseOfTheLevel() {
    Bilevel<Tensor> mixed = ridge().upper((x, y, b) -> b.rows(matrix).mv(y).sum());
    told(
        () -> mixed.batches(2, 1, 4, 1).open(),
        "A tensor of shape [2, 3] has no row for each of the 4 samples of the upper level.",
        "Maybe it belongs to the other level, or batches(…) was given another number of samples.");
    told(
        () -> ridge().lower((x, y, b) -> b.rows(y.sum())).batches(2, 1).open(),
        "A tensor of shape [] has no row for each of the 2 samples of the lower level.",
        "Maybe it belongs to the other level, or batches(…) was given another number of samples.");
  }

  // ---- what is missing, or too much --------------------------------------------------------

  @Test
  void bothLossesAreThere() {
    told(
        () -> Bilevel.problem(new double[1], new double[1]).open(),
        "The problem has no lower loss.",
        "Maybe .lower((x, y) -> …) is missing.");
    told(
        () ->
            Bilevel.problem(new double[1], new double[1])
                .named("ridge")
                .lower((x, y) -> x.mul(y))
                .open(),
        "Ridge has no upper loss.",
        "Maybe .upper((x, y) -> …) is missing.");
  }

  @Test
  void minibatchesNeedSamplesAndTheOtherWayRound() {
    told(
        () -> ridge().upper((x, y, b) -> b.rows(matrix).mv(y).sum()).open(),
        "The upper loss of ridge takes a minibatch, but there are no samples.",
        "Maybe .batches(samples, 64) is missing; .batches(samples, 0) takes all of them at once.");
    told(
        () -> ridge().batches(100, 10).open(),
        "The batches of ridge have no effect: neither loss takes a minibatch.",
        "Maybe the losses should be functions of (x, y, b).");
    told(
        () -> ridge().batches(0, 10),
        "The samples (0) of batches must be at least 1.",
        "Maybe the smallest value, 1, was meant.");
    told(
        () -> ridge().batches(10, 5, 10, -1),
        "The size (-1) of batches must be at least 0.",
        "Maybe the smallest value, 0, was meant.");
  }

  @Test
  void namesOfTensorsDifferAndAreKnown() {
    told(
        () -> Named.of("w", matrix).and("w", matrix),
        "There are two tensors 'w'.",
        "Maybe with() was meant, which replaces one.");
    told(
        () -> Named.of("weight", matrix).and("bias", matrix).get("wieght"),
        "There is no tensor 'wieght'.",
        "Maybe 'weight' was meant.");
    told(
        () -> Named.of("weight", matrix).with("v", matrix),
        "There is no tensor 'v'.",
        "Maybe 'weight' was meant, the only one.");
  }

  @Test
  void aProcessorIsThere() {
    assumeThat(new Device(Device.Kind.CUDA, Device.Precision.FLOAT32).isAvailable()).isFalse();
    told(
        () -> ridge().open(new Seed(0), new Device(Device.Kind.CUDA, Device.Precision.FLOAT32)),
        "Ridge cannot be opened on cuda: libtorch finds no such processor here.",
        "Maybe " + Cuda.advice("Device.CPU"));
  }

  // ---- sets --------------------------------------------------------------------------------

  @Test
  @SuppressWarnings("NullAway")
  void aProjectionReturnsAPointInItsShape() {
    told(
        () -> ridge().projectY(y -> y.view(1, 3)).open(),
        "The projection of y of ridge must return y in its shape [3]; it returned [1, 3].",
        "Maybe it was combined with a tensor of another shape.");
    told(
        () -> ridge().projectX(x -> null).open(),
        "The projection of x of ridge returned null.",
        "Maybe a return value is missing in one of its branches.");
    told(
        () -> ridge().projectX(x -> freed).open(),
        "The projection of x of ridge returned a tensor that has been freed.",
        "Maybe it was made in a StateScope that the function closes; StateScope.nested keeps the"
            + " result.");
    told(
        () -> ridge().projectY(y -> y.mv(y)).open(),
        "The projection of y of ridge failed with y of shape [3]: vector + matrix @ vector"
            + " expected, got 1, 1, 1.",
        "Maybe two of its tensors do not fit together.");
    told(
        () ->
            Bilevel.problem(Named.of("a", matrix).and("b", matrix), Named.of("c", matrix))
                .named("ridge")
                .lower((x, y) -> x.get("a").sub(y.get("c")).square().sum())
                .upper((x, y) -> x.flat().dot(x.flat()))
                .projectX(x -> Named.of("a", x.get("a")))
                .open(),
        "The projection of x of ridge must return the tensors [a, b]; it returned [a].",
        "Maybe with() was meant, which replaces one and keeps the others.");
  }

  @Test
  void aVariableIsConstrainedOnce() {
    told(
        () -> ridge().constrainX(Region.ball(1)).constrainX(Region.box(0, 1)),
        "x is constrained twice.",
        "Maybe the projection onto both sets at once was meant: give it as projectX.");
    told(
        () -> ridge().projectY(y -> y).constrainY(Region.box(0, 1)),
        "y is constrained twice.",
        "Maybe the projection onto both sets at once was meant: give it as projectY.");
  }

  @Test
  void regionsFitTheirVariable() {
    told(
        () -> ridge().constrainY(Region.box(new double[2], new double[2])).open(),
        "The box of y has vectors of 2 numbers, but y of ridge has 3.",
        "Maybe one number for all of them was meant.");
    told(
        () -> Region.box(2, 1),
        "The low ([2.0]) of the box must not exceed high, [1.0].",
        "Maybe the two are swapped.");
    told(
        () -> Region.box(new double[2], new double[3]),
        "The low ([0.0, 0.0]) of the box must have as many numbers as high, 3.",
        "Maybe a bound is missing; infinite ones stand for none.");
    told(
        () -> Region.ball(0),
        "The radius (0.0) of the ball must be greater than 0.",
        "Maybe a small value such as 0.01 was meant.");
  }

  // ---- evaluation and closed forms ---------------------------------------------------------

  @Test
  @SuppressWarnings("NullAway")
  void anEvaluationReturnsMetrics() {
    try (var nothing = ridge().evaluate((x, y) -> null).open();
        var failing = ridge().evaluate((x, y) -> metrics(x.mv(y))).open()) {
      var start = nothing.start(new Seed(0));
      told(
          () -> nothing.evaluate(start.x(), start.y()),
          "The evaluation of ridge returned null.",
          "Maybe a return value is missing in one of its branches.");
      told(
          () -> failing.evaluate(start.x(), start.y()),
          "The evaluation of ridge failed with x of shape [1] and y of shape [3]: vector + matrix @"
              + " vector expected, got 1, 1, 1.",
          "Maybe two of its tensors do not fit together.");
    }
  }

  private static Metrics metrics(Tensor tensor) {
    return Metrics.NONE.with("number", Tensors.item(tensor));
  }

  @Test
  void closedFormsHaveTheShapesOfTheVariables() {
    var forms =
        new ClosedForms<Minibatch>() {
          @Override
          public @Nullable Tensor hessianVector(Tensor x, Tensor y, Tensor v, Minibatch batch) {
            return v.sum();
          }
        };
    told(
        () -> ridge().closedForms(forms).open(),
        "The closed form hessianVector of ridge must have the shape of y as a vector, [3]; it has"
            + " [].",
        "Maybe reshape(-1) is missing at its end.");
    var failing =
        new ClosedForms<Minibatch>() {
          @Override
          public @Nullable Tensor lowerGradientX(Tensor x, Tensor y, Minibatch batch) {
            return y.mv(y);
          }
        };
    told(
        () -> ridge().closedForms(failing).open(),
        "A closed form of ridge failed at vectors of 1 and 3 numbers: vector + matrix @ vector"
            + " expected, got 1, 1, 1.",
        "Maybe two of its tensors do not fit together.");
  }

  // ---- the catalogue and memory ------------------------------------------------------------

  /** It has no options; a record that opens one has. */
  @Test
  void aStatementIsNoEntryOfTheCatalogue() {
    assertThatThrownBy(() -> Problems.Entry.of(ridge()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The options of a problem must be a record, whose components are the keys");
  }

  @Test
  void aProblemThatCannotBeOpenedLeavesNothing() {
    Bilevel<Tensor> broken = ridge().data("a", matrix).upper((x, y) -> y);
    assertThatThrownBy(broken::open).isInstanceOf(InvalidInputException.class);
    long before = NativeObjects.settled();
    assertThatThrownBy(broken::open).isInstanceOf(InvalidInputException.class);
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }
}
