package org.stackel.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Products in bfloat16: other numbers, by as much as eight bits, in tensors of float32. */
class ArithmeticTest {
  private static final Map<String, Object> FEW_SHOT =
      Map.of("tasks", 4, "testTasks", 2, "taskBatch", 2, "hidden", 16, "maxTokens", 6);
  private static final Map<String, Object> CLEANING =
      Map.of("encoder", "rnn", "hidden", 16, "maxTokens", 6, "trainSize", 200, "trustedSize", 100);

  @ParameterizedTest
  @ValueSource(strings = {"hyper-representation", "data-cleaning"})
  void derivativesInBfloat16AreFloat32AndOffByItsBits(String problem) {
    Map<String, Object> options = problem.equals("data-cleaning") ? CLEANING : FEW_SHOT;
    try (var scope = StateScope.open();
        var opened = Problems.create(problem, options).open(new Seed(1), Device.CPU)) {
      List<Tensor> exact = answers(opened, Arithmetic.FP32);
      List<Tensor> found = answers(opened, Arithmetic.BF16);
      for (int i = 0; i < exact.size(); i++) {
        assertThat(found.get(i).scalar_type().intern()).isEqualTo(torch.ScalarType.Float);
        double size = Tensors.item(Tensors.norm(exact.get(i)));
        double error = Tensors.item(Tensors.norm(found.get(i).sub(exact.get(i)))) / size;
        assertThat(error).as("answer %d", i).isBetween(1e-4, 5e-2);
      }
      assertThat(Arithmetic.isReduced()).as("after the loss").isFalse();
    }
  }

  private static List<Tensor> answers(BilevelProblem<?> problem, Arithmetic arithmetic) {
    var oracle =
        new AutogradOracle<>(problem, new Seed(2), Sampling.INDEPENDENT, Shard.ALL, 1, arithmetic);
    Tensor x =
        Tensors.scale(0.1, Tensors.randn(new Seed(3), Device.CPU, problem.upperLayout().size()));
    Tensor y =
        Tensors.scale(0.1, Tensors.randn(new Seed(4), Device.CPU, problem.lowerLayout().size()));
    Tensor v = Tensors.randn(new Seed(5), Device.CPU, y.numel());
    Gradient upper = oracle.upper().gradient(x, y);
    Products products = oracle.lower().linearize(x, y).products(v);
    return Stream.of(upper.y(), products.hessian(), products.cross()).toList();
  }
}
