package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxWeightsTest {
  @Test
  void findsWeightsByNameAndByTheirProduct() {
    OnnxWeights weights = OnnxWeights.of(model());
    assertThat(weights.numbers("layer.bias", List.of(3L))).containsExactly(7, 8, 9);
    assertThat(weights.numbers("layer.weight", List.of(3L, 2L)))
        .as("transposed back")
        .containsExactly(1, 4, 2, 5, 3, 6);
  }

  @Test
  void refusesWhatIsNotThere() {
    OnnxWeights weights = OnnxWeights.of(model());
    assertThatThrownBy(() -> weights.numbers("other.weight", List.of(3L, 2L)))
        .hasMessageContaining("no weights 'other.weight'");
    assertThatThrownBy(() -> weights.numbers("layer.bias", List.of(4L)))
        .hasMessageContaining("shape [3] in the file; [4] was expected");
    assertThatThrownBy(() -> weights.numbers("layer.weight", List.of(2L, 3L)))
        .hasMessageContaining("shape [2, 3] in the file; [3, 2] was expected");
    assertThatThrownBy(() -> OnnxWeights.of("no such file".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("no ONNX file");
    byte[] model = model();
    assertThatThrownBy(() -> OnnxWeights.of(Arrays.copyOf(model, model.length - 1)))
        .hasMessageContaining("no ONNX file");
  }

  private static byte[] model() {
    byte[] node =
        join(text(1, "x"), text(1, "onnx::MatMul_1"), text(2, "out"), text(3, "/layer/MatMul"));
    // One tensor with its dimensions packed, as newer writers do it, one without.
    byte[] factor =
        join(
            field(1, new byte[] {2, 3}),
            new byte[] {2 << 3, 1},
            text(8, "onnx::MatMul_1"),
            field(9, floats(1, 2, 3, 4, 5, 6)));
    byte[] bias =
        join(
            new byte[] {1 << 3, 3},
            new byte[] {2 << 3, 1},
            text(8, "layer.bias"),
            field(9, floats(7, 8, 9)));
    byte[] whole =
        join(
            new byte[] {1 << 3, 3},
            new byte[] {2 << 3, 7},
            text(8, "count"),
            field(9, new byte[8]));
    byte[] graph = join(field(1, node), field(5, factor), field(5, bias), field(5, whole));
    return join(new byte[] {1 << 3, 8}, text(2, "a writer"), field(7, graph));
  }

  private static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] field(int number, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 128
            ? new byte[] {(byte) (number << 3 | 2), (byte) length}
            : new byte[] {
              (byte) (number << 3 | 2), (byte) (length & 127 | 128), (byte) (length >> 7)
            };
    return join(head, content);
  }

  private static byte[] floats(float... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return bytes.array();
  }

  private static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
