package org.stackel.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;
import org.stackel.data.HypertorchData;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class LogisticHpoTest {
  /** make_regression(10, 3) with seed 0: target, three features. */
  private static final String REGRESSION =
      """
      split,target,a,b,c
      train,125.98419291618924,1.4940790731576061,-0.20515826376580087,0.33367432737426683
      train,228.9520357281227,0.4001572083672233,0.9787379841057392,1.764052345967664
      train,96.0760725869379,0.12167501649282841,0.44386323274542566,0.7610377251469934
      train,75.63377087178317,-0.1513572082976979,-0.10321885179355784,0.9500884175255894
      train,100.85361933665021,0.144043571160878,1.454273506962975,0.41059850193837233
      train,-120.47027794324511,-0.8540957393017248,-2.5529898158340787,0.31306770165090136
      train,93.94272528249134,0.8644361988595057,-0.7421650204064419,0.6536185954403606
      train,139.66716701591682,1.5327792143584575,1.469358769900285,-0.1871838500258336
      train,303.6838479468447,1.8675579901499675,-0.977277879876411,2.240893199201458
      train,116.69110743156308,-1.4543656745987648,0.04575851730144607,2.2697546239876076
      """;

  private static final Map<String, Object> PLAIN =
      Map.of("form", "plain", "x0", 1, "least", 1e-8, "batch", 0, "upperBatch", 0);

  @TempDir Path folder;

  private StateScope scope;

  @BeforeEach
  void openScope() {
    scope = StateScope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
  }

  private static LogisticHpo.Opened open(Map<String, ?> options) {
    return open(options, Map.of());
  }

  private static LogisticHpo.Opened open(Map<String, ?> options, Map<String, ?> more) {
    var all = new HashMap<String, Object>(options);
    all.putAll(more);
    return ((LogisticHpo) Problems.create("logistic-hpo", all)).open(new Seed(3), Device.CPU64);
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  // ---- known values: hypertorch's example ----------------------------------------------------

  private LogisticHpo.Opened hypertorch() {
    Path file = new HypertorchData().write(folder.resolve("hypertorch.csv"));
    return open(PLAIN, Map.of("data", file.toString()));
  }

  private static AutogradOracle<?> oracle(BilevelProblem<?> problem) {
    return new AutogradOracle<>(problem, new Seed(1), Sampling.SHARED, Shard.ALL);
  }

  /** Descent in y from 0 with steps of 0.1; all iterates. */
  private static List<Tensor> descent(SampledObjective lower, Tensor x, int steps) {
    var iterates = new ArrayList<Tensor>();
    iterates.add(Tensors.zeros(Device.CPU64, 20));
    for (int i = 0; i < steps; i++) {
      Tensor y = iterates.get(i);
      iterates.add(Tensors.axpy(y, -.1, lower.gradientY(x, y)));
    }
    return iterates;
  }

  @Test
  void lowerLossesAreThoseOfHypertorch() {
    try (var problem = hypertorch()) {
      Start start = problem.start(new Seed(1));
      SampledObjective lower = oracle(problem).lower();
      List<Tensor> iterates = descent(lower, start.x(), 99);
      double[] printed = {.6931472, .6285591, .6243904, .6241106, .6240914, .6240900, .6240899};
      int[] steps = {0, 10, 20, 30, 40, 50, 99};
      for (int i = 0; i < steps.length; i++) {
        assertThat(Tensors.item(lower.value(start.x(), iterates.get(steps[i]))))
            .as("step %d", steps[i])
            .isCloseTo(printed[i], within(5.1e-8));
      }
      assertThat(problem.isConstrained()).isTrue();
      assertThat(problem.inputs()).hasSize(1);
      assertThat(problem.remarks()).hasSize(5).last().asString().contains("used as they are");
    }
  }

  @Test
  void theExactHypergradientIsThatOfHypertorchsExample() {
    try (var problem = hypertorch()) {
      Start start = problem.start(new Seed(1));
      Metrics metrics = problem.evaluate(start.x(), start.y());
      assertThat(metrics.get("valueFunction")).isCloseTo(.5743987720856, within(1e-12));
      assertThat(metrics.get("hypergradientNorm")).isCloseTo(.0285658316, within(1e-10));
      Tensor solution = problem.solution(start.x(), start.y());
      double[] first = {.0086594091, .0015101405, .0007904723, .0030712148, .0053264221};
      Tensor exact = problem.hypergradient(start.x(), solution);
      assertThat(Tensors.toArray(exact.narrow(0, 0, 5))).containsExactly(first, within(1e-10));
      double[] spectrum =
          Tensors.toArray(torch.linalg_eigvalsh(problem.lowerHessian(start.x(), solution)));
      assertThat(spectrum[0]).isCloseTo(1.15101, within(1e-5));
      assertThat(spectrum[19]).isCloseTo(1.33593, within(1e-5));
    }
  }

  /** The hypergradient through the last ten of a hundred steps. */
  private static Tensor truncated(SampledObjective lower, SampledObjective upper, Tensor x) {
    List<Tensor> iterates = descent(lower, x, 100);
    Tensor slope = upper.gradient(x, iterates.get(100)).y();
    Tensor sum = Tensors.zerosLike(x);
    for (int k = 99; k >= 90; k--) {
      var products = lower.linearize(x, iterates.get(k)).products(slope);
      sum = Tensors.axpy(sum, -.1, products.cross());
      slope = Tensors.axpy(slope, -.1, products.hessian());
    }
    return sum;
  }

  @Test
  void tenStepsBackAreThoseOfHypertorchsExample() {
    try (var problem = hypertorch()) {
      var oracle = oracle(problem);
      Tensor slope = truncated(oracle.lower(), oracle.upper(), problem.start(new Seed(1)).x());
      assertThat(Tensors.item(Tensors.norm(slope))).isCloseTo(.0209592145, within(1e-10));
      double[] first = {.0064636544, .0010896715, .0005979671, .0022407089, .0040552693};
      assertThat(Tensors.toArray(slope.narrow(0, 0, 5))).containsExactly(first, within(1e-10));
    }
  }

  /** Heavy ball with the truncated hypergradient, projected. */
  @Test
  void tuningFollowsHypertorchsCurve() {
    try (var problem = hypertorch()) {
      var expected = new HashMap<Integer, Double>();
      expected.putAll(Map.of(0, .5743990, 10, .5337679, 20, .3615219, 30, .3225043, 40, .2987646));
      expected.putAll(Map.of(50, .2944669, 100, .2853544, 150, .2824600, 200, .2816700));
      Tensor x = scope.keep(problem.start(new Seed(1)).x());
      Tensor velocity = scope.keep(Tensors.zerosLike(x));
      for (int t = 0; t <= 200; t++) {
        try (var step = StateScope.open()) {
          var oracle = oracle(problem);
          Double loss = expected.get(t);
          if (loss != null) {
            Tensor last = descent(oracle.lower(), x, 100).get(100);
            assertThat(Tensors.item(oracle.upper().value(x, last)))
                .as("step %d", t)
                .isCloseTo(loss, within(5.1e-8));
          }
          Tensor slope = truncated(oracle.lower(), oracle.upper(), x);
          Tensor next = Tensors.axpy(slope, .9, velocity);
          Tensor moved = problem.projectX(x.sub(next));
          StateScope.release(velocity);
          StateScope.release(x);
          velocity = step.keep(next);
          x = step.keep(moved);
        }
      }
      StateScope.release(velocity);
      StateScope.release(x);
    }
  }

  // ---- known values: ridge -------------------------------------------------------------------

  /** With one validation row eₖ and target 0, ∇Φ = wₖ dwₖ/dλ. */
  @ParameterizedTest
  @CsvSource({
    "0, 16.5139072696, -2.5017164432",
    "1, 8.2062541066, -1.2671828649",
    "2, 23.6236079107, -3.5426366217"
  })
  void ridgeIsItsClosedForm(int k, double weight, double slope) throws IOException {
    String row =
        "validation,0,%d,%d,%d%n".formatted(k == 0 ? 1 : 0, k == 1 ? 1 : 0, k == 2 ? 1 : 0);
    var options =
        Map.of(
            "data", write("ridge.csv", REGRESSION + row), "loss", "squared", "strengths", "single");
    try (var problem = open(PLAIN, options)) {
      Tensor x = Tensors.of(Device.CPU64, 5);
      Tensor y = Tensors.zeros(Device.CPU64, 3);
      double[] w = Tensors.toArray(problem.solution(x, y));
      assertThat(w[k]).isCloseTo(weight, within(1e-9));
      assertThat(Tensors.item(problem.hypergradient(x, problem.solution(x, y))) / w[k])
          .isCloseTo(slope, within(1e-9));
      assertThat(problem.evaluate(x, y).get("valueFunction"))
          .isCloseTo(weight * weight / 2, within(1e-6));
    }
  }

  // ---- losses and shapes ---------------------------------------------------------------------

  /** Two examples by hand, with a strength for each feature. */
  @Test
  void lossesAreTheirDefinition() throws IOException {
    String file =
        write(
            "a.csv",
            "split,y,u,v\ntrain,0,1,2\ntrain,1,-1,3\nval,1,1,1\ntest,0,2,0\ntest,0,-2,0\n");
    try (var problem = open(Map.of("data", file, "batch", 0, "upperBatch", 0))) {
      Tensor x = Tensors.of(Device.CPU64, Math.log(2), Math.log(3));
      Tensor y = Tensors.of(Device.CPU64, .5, -1);
      Metrics metrics = problem.evaluate(x, y);
      double first = Math.log1p(Math.exp(.5 - 2));
      double second = Math.log1p(Math.exp(.5 + 3)); // label 1: -logit
      assertThat(metrics.get("lowerLoss"))
          .isCloseTo((first + second) / 2 + (2 * .25 + 3) / 2, within(1e-12));
      assertThat(metrics.get("upperLoss")).isCloseTo(Math.log1p(Math.exp(.5)), within(1e-12));
      assertThat(metrics.get("validationAccuracy")).isZero();
      assertThat(metrics.get("testAccuracy")).isEqualTo(.5);
      assertThat(metrics.get("testLoss"))
          .isCloseTo((Math.log1p(Math.exp(1)) + Math.log1p(Math.exp(-1))) / 2, within(1e-12));
    }
  }

  /** Softmax with two classes and weights (0, w) is logistic with weight w. */
  @Test
  void softmaxOfTwoClassesIsLogistic() throws IOException {
    String file = write("a.svm", "a 1:1 2:2\nb 1:-1 2:3\na 1:1\nb 2:1\n");
    var options = Map.of("data", file, "batch", 0, "upperBatch", 0, "form", "plain", "x0", 0);
    try (var logistic = open(options);
        var softmax = open(options, Map.of("loss", "softmax", "strengths", "class"))) {
      Tensor w = Tensors.of(Device.CPU64, .3, -.7);
      Tensor both = Tensors.of(Device.CPU64, 0, .3, 0, -.7);
      Metrics one = logistic.evaluate(Tensors.zeros(Device.CPU64, 2), w);
      Metrics two = softmax.evaluate(Tensors.of(Device.CPU64, 5, 2), both);
      assertThat(two.get("upperLoss")).isCloseTo(one.get("upperLoss"), within(1e-12));
      assertThat(two.get("validationAccuracy")).isEqualTo(one.get("validationAccuracy"));
      // The second class has strength 2.
      assertThat(two.get("lowerLoss")).isCloseTo(one.get("lowerLoss") + .09 + .49, within(1e-12));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "logistic, feature, 20, 20",
    "logistic, single, 1, 20",
    "softmax, feature, 20, 60",
    "softmax, class, 3, 60",
    "softmax, single, 1, 60",
    "squared, feature, 20, 20"
  })
  void sizesFollowTheOptions(String loss, String strengths, int x, int y) {
    try (var problem = open(Map.of("loss", loss, "strengths", strengths))) {
      assertThat(problem.upperLayout().size()).isEqualTo(x);
      assertThat(problem.lowerLayout().size()).isEqualTo(y);
      assertThat(problem.stepsPerEpoch()).isEqualTo(8); // 500 in batches of 64
      assertThat(problem.lowerBatch(new Seed(1), Shard.ALL).size()).isEqualTo(64);
      assertThat(problem.upperBatch(new Seed(1), Shard.ALL).size()).isEqualTo(64);
    }
  }

  @Test
  void startsWhereTold() {
    try (var plain = open(Map.of("form", "plain"));
        var exp = open(Map.of());
        var told = open(Map.of("x0", -2));
        var random = open(Map.of("start", "log-uniform", "yDeviation", 3, "features", 2000))) {
      assertThat(Tensors.toArray(plain.start(new Seed(1)).x())).containsOnly(1);
      assertThat(Tensors.toArray(exp.start(new Seed(1)).x())).containsOnly(0);
      assertThat(Tensors.toArray(exp.start(new Seed(1)).y())).containsOnly(0);
      assertThat(Tensors.toArray(told.start(new Seed(1)).x())).containsOnly(-2);
      Start start = random.start(new Seed(1));
      double[] shares = Tensors.toArray(start.x().exp());
      assertThat(Arrays.stream(shares)).allMatch(s -> s > 0 && s < 1);
      assertThat(Tensors.item(start.x().exp().mean())).isCloseTo(.5, within(.03));
      assertThat(Tensors.item(start.y().std())).isCloseTo(3, within(.2));
    }
  }

  // ---- splits and scaling --------------------------------------------------------------------

  private String numbered(String name, int from, int to) throws IOException {
    var csv = new StringBuilder("x,y\n");
    for (int i = from; i < to; i++) {
      csv.append(i).append(',').append(i % 2).append('\n');
    }
    return write(name, csv.toString());
  }

  private static double[] features(LogisticHpo.Examples examples) {
    return Tensors.toArray(examples.a().view(-1));
  }

  @Test
  void sharesPartTheExamples() throws IOException {
    var options = new HashMap<String, Object>();
    options.put("data", numbered("a.csv", 0, 50));
    options.put("testShare", .2);
    options.put("validationShare", .25);
    options.put("scaling", "none");
    var seed = new Seed(3);
    var data = LogisticData.load(options(options), seed, Device.CPU64);
    assertThat(data.training().size()).isEqualTo(30);
    assertThat(data.validation().size()).isEqualTo(10);
    assertThat(data.test().size()).isEqualTo(10);
    var all = new ArrayList<Double>();
    for (var part : List.of(data.training(), data.validation(), data.test())) {
      double[] labels = Tensors.toArray(part.b());
      double[] numbers = features(part);
      for (int i = 0; i < numbers.length; i++) {
        all.add(numbers[i]);
        assertThat(labels[i]).isEqualTo(numbers[i] % 2);
      }
    }
    assertThat(all)
        .doesNotHaveDuplicates()
        .hasSize(50)
        .isNotEqualTo(all.stream().sorted().toList());
    assertThat(features(LogisticData.load(options(options), seed, Device.CPU64).training()))
        .containsExactly(features(data.training()));
    assertThat(features(LogisticData.load(options(options), new Seed(4), Device.CPU64).training()))
        .isNotEqualTo(features(data.training()));

    options.put("validation", numbered("b.csv", 100, 103));
    options.put("test", numbered("c.csv", 200, 204));
    var files = LogisticData.load(options(options), seed, Device.CPU64);
    assertThat(files.training().size()).isEqualTo(50);
    assertThat(features(files.validation())).containsExactly(100, 101, 102);
    assertThat(features(files.test())).containsExactly(200, 201, 202, 203);
    assertThat(files.sources()).hasSize(3);
  }

  private static LogisticHpo options(Map<String, ?> options) {
    return (LogisticHpo) Problems.create("logistic-hpo", options);
  }

  @Test
  void scalingLooksAtTheTrainingExamplesAlone() throws IOException {
    String file = write("a.csv", "split,y,u,v\ntrain,0,1,7\ntrain,1,5,7\nval,1,7,9\ntest,0,-3,7\n");
    var data =
        LogisticData.load(
            options(Map.of("data", file, "scaling", "standard")), new Seed(1), Device.CPU64);
    assertThat(features(data.training())).containsExactly(-1, 1, 1, 1); // v is constant there
    assertThat(features(data.validation())).containsExactly(2, 9 / 7.0);
    assertThat(features(data.test())).containsExactly(-3, 1);
    String rows = write("b.csv", "split,y,u,v\ntrain,0,3,4\ntrain,1,0,0\nval,1,0,-2\n");
    var unit =
        LogisticData.load(
            options(Map.of("data", rows, "scaling", "rows")), new Seed(1), Device.CPU64);
    assertThat(features(unit.training()))
        .containsExactly(new double[] {.6, .8, 0, 0}, within(1e-15));
    assertThat(features(unit.validation())).containsExactly(0, -1);
  }

  /** Columns in units of their own; rounding is no deviation, a column of zeros stays one. */
  @Test
  void tablesAreStandardisedUnlessToldOtherwise() throws IOException {
    var csv = new StringBuilder("y,age,income,tenth,zero\n");
    for (int i = 0; i < 40; i++) {
      csv.append("%d,%d,%d,0.1,0%n".formatted(i % 2, 20 + i, 20_000 + 977 * (i * 7 % 40)));
    }
    String file = write("a.csv", csv.toString());
    try (var opened = options(Map.of("data", file)).open(new Seed(1), Device.CPU64)) {
      assertThat(opened.remarks()).anyMatch(r -> r.contains("standardised") && r.contains("none"));
      assertThat(((LogisticHpo) opened.resolved()).scaling())
          .isEqualTo(LogisticHpo.Scaling.STANDARD);
    }
    var data = LogisticData.load(options(Map.of("data", file)), new Seed(1), Device.CPU64);
    var a = data.training().a();
    assertThat(Tensors.toArray(a.mean(0)))
        .containsExactly(new double[] {0, 0, 1, 0}, within(1e-12));
    assertThat(Tensors.toArray(a.mul(a).mean(0)))
        .containsExactly(new double[] {1, 1, 1, 0}, within(1e-12));

    String sparse = write("a.svm", "0 1:1000\n1 2:7\n0 1:3\n1 2:1\n");
    for (var unscaled : List.of(Map.of("data", file, "scaling", "none"), Map.of("data", sparse))) {
      try (var opened = options(unscaled).open(new Seed(1), Device.CPU64)) {
        assertThat(((LogisticHpo) opened.resolved()).scaling()).isEqualTo(LogisticHpo.Scaling.NONE);
        assertThat(opened.remarks()).noneMatch(remark -> remark.contains("standardised"));
      }
    }
  }

  /** Unscaled columns: steps follow from them, and others are remarked on. */
  @Test
  void stepsOfFilesFollowFromTheirCurvature() throws IOException {
    var csv = new StringBuilder("y,u,v\n");
    for (int i = 0; i < 60; i++) {
      csv.append("%d,%d,%d%n".formatted(i % 2, 1000 + i, i % 7));
    }
    var options = Map.of("data", write("a.csv", csv.toString()), "scaling", "none", "most", 0.0);
    try (var opened = options(options).open(new Seed(1), Device.CPU64)) {
      double curvature = 1e6 / 4; // of the logistic loss
      assertThat(opened.scales(100).lowerLr()).isBetween(.3 / curvature, 1 / curvature);
      assertThat(opened.remarks(Map.of("lowerLr", .1)))
          .singleElement()
          .asString()
          .startsWith("lowerLr (0.1) may be too large");
      assertThat(opened.remarks(Map.of("lowerLr", 1e-7))).isEmpty();
    }
    try (var generated = open(Map.of())) {
      assertThat(generated.scales(100).lowerLr()).isEqualTo(.5);
      assertThat(generated.remarks(Map.of("lowerLr", 10.0))).isEmpty();
    }
  }

  /** A LIBSVM file of the same data may be narrower than another. */
  @Test
  void narrowFilesAreWidened() throws IOException {
    var options =
        Map.of(
            "data",
            write("a.svm", "0 1:1\n1 2:1\n"),
            "validation",
            write("b.svm", "1 4:1\n0 1:2\n"));
    var data = LogisticData.load(options(options), new Seed(1), Device.CPU64);
    assertThat(data.training().a().size(1)).isEqualTo(4);
    assertThat(features(data.validation())).containsExactly(0, 0, 0, 1, 2, 0, 0, 0);
  }

  @Test
  void saysWhatIsWrongWithTheData() throws IOException {
    complains(Map.of("data", numbers("three.svm", 3)), "show 3 classes (0, 1, 2)", "'softmax'");
    complains(Map.of("data", numbers("one.svm", 1)), "show 1 class (0)", "another column");
    complains(
        Map.of("data", write("s.csv", "split,y,x\ntrain,0,1\ntrian,1,1\n")),
        "s.csv:3: The split 'trian' is unknown",
        "another column");
    complains(
        Map.of("data", write("t.csv", "split,y,x\ntrain,0,1\ntrain,1,1\n")),
        "2 training and 0 validation",
        "'validation'");
    complains(
        Map.of(
            "data", write("u.csv", "y,a,b\n0,1,2\n1,1,2\n"),
            "validation", write("v.csv", "y,b,a\n0,1,2\n")),
        "The columns of",
        "another place");
    complains(
        Map.of("data", write("w.csv", "y,a\ncat,1\ndog,2\ndog,3\n"), "loss", "squared"),
        "The label '",
        "logistic or softmax");
    complains(
        Map.of("data", write("x.csv", "y,a\n1,1\n0,2\n"), "validationShare", .1),
        "must leave training and validation examples",
        "0.5");
  }

  private String numbers(String name, int classes) throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      text.append(i % classes).append(" 1:1\n");
    }
    return write(name, text.toString());
  }

  private static void complains(Map<String, ?> options, String message, String maybe) {
    assertThatThrownBy(() -> open(options).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("\nMaybe ")
        .hasMessageContaining(maybe);
  }

  /** Exact metrics of 300 numbers cost too much with that many examples. */
  @Test
  void largeProblemsHaveNoExactMetrics() {
    try (var problem = open(Map.of("examples", 30_000, "features", 300, "testShare", .01))) {
      Start start = problem.start(new Seed(1));
      assertThat(problem.evaluate(start.x(), start.y()).values())
          .containsKeys("upperLoss", "lowerLoss", "validationAccuracy", "testAccuracy")
          .doesNotContainKeys("hypergradientNorm", "valueFunction");
    }
  }

  /** Beyond its largest strength nothing depends on x, and the lower curvature has a bound. */
  @Test
  void theLargestStrengthEndsThePenalty() {
    var problem = open(Map.of("examples", 40, "features", 2, "batch", 0, "most", 1));
    var free = open(Map.of("examples", 40, "features", 2, "batch", 0));
    Tensor y = Tensors.of(Device.CPU64, new double[] {.3, -.4}, 2);
    Tensor beyond = Tensors.of(Device.CPU64, new double[] {9, .5}, 2);
    Tensor at = Tensors.of(Device.CPU64, new double[] {1, .5}, 2);
    var batch = problem.lowerSamples().block(0, Shard.ALL);
    assertThat(Tensors.item(problem.lowerLoss(beyond, y, batch)))
        .isEqualTo(Tensors.item(free.lowerLoss(at, y, batch)));
    Tensor solution = problem.solution(beyond, y);
    double[] slope = Tensors.toArray(problem.hypergradient(beyond, solution));
    assertThat(slope[0]).isZero();
    assertThat(slope[1]).isNotZero();
    double[] inside = Tensors.toArray(problem.hypergradient(at.sub(at), solution));
    assertThat(inside).isEqualTo(Tensors.toArray(free.hypergradient(at.sub(at), solution)));
    assertThatThrownBy(() -> open(Map.of("form", "plain", "most", 1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("most (1.0)")
        .hasMessageContaining("needs the form exp");
  }
}
