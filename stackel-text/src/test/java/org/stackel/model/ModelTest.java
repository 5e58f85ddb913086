package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.SparseRows;

class ModelTest {
  private StateScope scope = StateScope.open();

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @ParameterizedTest(name = "RNN {0} -> {1}, {2} layers")
  @CsvSource({
    "300, 4096, 2, 51576832",
    "300, 2048, 2, 13205504",
    "100, 64, 1, 10624",
  })
  void parametersOfTheEncoder(int inputs, int hidden, int layers, long expected) {
    assertThat(Rnn.elman(inputs, hidden, layers).layout().size()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "head {0} -> {1} -> {1} -> {2}")
  @CsvSource({"4096, 1024, 2, 5246978", "4096, 1024, 3, 5248003", "2048, 512, 2, 1312770"})
  void parametersOfTheHead(int inputs, int hidden, int classes, long expected) {
    assertThat(new Head(inputs, List.of(hidden, hidden), classes).layout().size())
        .isEqualTo(expected);
  }

  @Test
  void parametersOfTheWholeClassifier() {
    var classifier =
        new Classifier.Encoded(Rnn.elman(300, 4096, 2), new Head(4096, List.of(1024, 1024), 2));
    assertThat(classifier.layout().size()).isEqualTo(56_823_810L);
  }

  @Test
  void encoderAgreesWithLibtorchInValueAndGradient() {
    var rnn = Rnn.elman(5, 7, 2);
    Tensor flat = rnn.initial(new Seed(1), Device.CPU64).set_requires_grad(true);
    Tensor values = Tensors.randn(new Seed(2), Device.CPU64, 6, 3, 5);
    Tensor none = torch.zeros(new long[] {6, 3, 1}).to(torch.ScalarType.Bool);
    List<Tensor> parts = rnn.layout().split(flat);
    Tensor own = rnn.features(parts, new Input.Sequence(values, none));
    Tensor outputs =
        new Tensor(
            torch
                .rnn_tanh(
                    values,
                    Tensors.zeros(Device.CPU64, 2, 3, 7),
                    new TensorVector(parts.toArray(new Tensor[0])),
                    true,
                    2,
                    0.0,
                    false,
                    false,
                    false)
                .get0());
    Tensor theirs = new Tensor(outputs.max(0).get0());
    assertThat(Tensors.toArray(own)).containsExactly(Tensors.toArray(theirs), within(1e-12));
    Tensor weights = Tensors.randn(new Seed(3), Device.CPU64, 3, 7);
    assertThat(Tensors.toArray(gradient(own.mul(weights).sum(), flat)))
        .containsExactly(Tensors.toArray(gradient(theirs.mul(weights).sum(), flat)), within(1e-12));
  }

  private static Tensor gradient(Tensor scalar, Tensor input) {
    return new Tensor(torch.grad(new TensorVector(scalar), new TensorVector(input)).get(0));
  }

  @Test
  void paddingChangesNothing() {
    var rnn = Rnn.elman(4, 3, 1);
    List<Tensor> parts = rnn.layout().split(rnn.initial(new Seed(5), Device.CPU64));
    Tensor table = Tensors.randn(new Seed(6), Device.CPU64, 9, 4);
    var alone =
        new Inputs.Sequence(
            Tensors.indices(Device.CPU64, new int[] {3, 4}, 1, 2),
            new int[] {2},
            table,
            Device.CPU64);
    var padded =
        new Inputs.Sequence(
            Tensors.indices(Device.CPU64, new int[] {3, 4, 0, 0, 0, 5, 6, 7, 8, 1}, 2, 5),
            new int[] {2, 5},
            table,
            Device.CPU64);
    double[] one = Tensors.toArray(rnn.features(parts, alone.all()));
    double[] two = Tensors.toArray(rnn.features(parts, padded.all()));
    assertThat(new double[] {two[0], two[1], two[2]}).containsExactly(one, within(1e-15));
    // A negative feature shows that no zero of the padding got into the maximum.
    assertThat(Arrays.stream(one).min().orElseThrow()).isNegative();
  }

  @Test
  void sparseAndDenseVectorsGiveTheSameLogitsAndGradients() {
    // Two rows of width 3: (0, 2, 0) and (1, 0, -1); a batch appends a one to each.
    var rows = new SparseRows(3, new int[] {0, 1, 3}, new int[] {1, 0, 2}, new float[] {2, 1, -1});
    var sparse = new Inputs.Sparse(rows, Device.CPU64);
    Tensor dense = Tensors.of(Device.CPU64, new double[] {0, 2, 0, 1, 1, 0, -1, 1}, 2, 4);
    var linear = new Classifier.Linear(4, 5);
    assertThat(sparse.width()).isEqualTo(4);
    Tensor w = Tensors.randn(new Seed(8), Device.CPU64, 20).set_requires_grad(true);
    Tensor labels = Tensors.indices(Device.CPU64, new int[] {3, 0});
    Tensor a = linear.losses(w, sparse.all(), labels);
    Tensor b = linear.losses(w, new Input.Dense(dense), labels);
    assertThat(Tensors.toArray(a)).containsExactly(Tensors.toArray(b), within(1e-14));
    assertThat(Tensors.toArray(gradient(a.sum(), w)))
        .containsExactly(Tensors.toArray(gradient(b.sum(), w)), within(1e-14));
  }

  @Test
  void lossIsCrossEntropy() {
    var linear = new Classifier.Linear(2, 3);
    Tensor w = Tensors.of(Device.CPU64, 1, 2, 3, 0, 0, 0);
    var input = new Input.Dense(Tensors.of(Device.CPU64, new double[] {1, 7}, 1, 2));
    double expected = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 2;
    Tensor loss = linear.losses(w, input, Tensors.indices(Device.CPU64, new int[] {1}));
    assertThat(Tensors.item(loss)).isCloseTo(expected, within(1e-14));
  }

  @Test
  void modelsRefuseInputsOfAnotherKind() {
    var linear = new Classifier.Linear(2, 3);
    var sequence =
        new Input.Sequence(
            Tensors.zeros(Device.CPU64, 1, 1, 2),
            torch.zeros(new long[] {1, 1, 1}).to(torch.ScalarType.Bool));
    assertThatThrownBy(() -> linear.logits(Tensors.zeros(Device.CPU64, 6), sequence))
        .hasMessageContaining("not sequences");
    assertThatThrownBy(() -> new Classifier.Encoded(Rnn.elman(2, 3, 1), new Head(4, List.of(), 2)))
        .hasMessageContaining("reads 4 features, the encoder makes 3");
  }

  @Test
  void headsOfTasksAreHeadsOneByOne() {
    for (var head : List.of(new Head(3, List.of(), 2), new Head(3, List.of(5, 4), 2))) {
      long size = head.layout().size();
      Tensor parameters = Tensors.randn(new Seed(11), Device.CPU64, 4, size);
      Tensor features = Tensors.randn(new Seed(12), Device.CPU64, 4, 7, 3);
      Tensor all = head.taskLogits(parameters, features);
      assertThat(Tensors.shape(all)).containsExactly(4L, 7L, 2L);
      for (int task = 0; task < 4; task++) {
        List<Tensor> parts = head.layout().split(parameters.select(0, task).contiguous());
        Tensor one = head.logits(parts, features.select(0, task));
        assertThat(Tensors.toArray(all.select(0, task)))
            .containsExactly(Tensors.toArray(one), within(1e-14));
      }
    }
  }
}
