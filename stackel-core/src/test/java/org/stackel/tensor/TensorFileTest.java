package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.config.InvalidInputException;

class TensorFileTest {
  private static final Map<String, String> METADATA = Map.of("step", "3");

  @TempDir Path temp;
  private StateScope scope;

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Map<String, Tensor> tensors(Device device) {
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("y.0", Tensors.randn(new Seed(1), device, 3, 5));
    tensors.put("x", Tensors.of(device, 0.1, -0.0, Double.NaN, 1e-40, 1.0 / 3));
    tensors.put("empty", Tensors.zeros(device, 0));
    tensors.put("scalar", Tensors.full(device, 7).sum());
    tensors.put("labels", Tensors.indices(device, new int[] {4, -1, 1 << 30}));
    tensors.put("turned", Tensors.randn(new Seed(2), device, 2, 3).t());
    return tensors;
  }

  @ParameterizedTest
  @MethodSource("devices")
  void readsBackBitForBit(Device device) throws IOException {
    Path file = temp.resolve("a.safetensors");
    Map<String, Tensor> written = tensors(device);
    TensorFile.write(file, written, METADATA);
    TensorFile.Content read = TensorFile.read(file, device);
    assertThat(read.metadata()).isEqualTo(METADATA);
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(written.keySet());
    written.forEach(
        (name, tensor) -> {
          Tensor back = read.tensors().get(name);
          assertThat(Tensors.shape(back)).as(name).isEqualTo(Tensors.shape(tensor));
          assertThat(back.scalar_type().intern()).isEqualTo(tensor.scalar_type().intern());
          assertThat(Tensors.toArray(back)).as(name).isEqualTo(Tensors.toArray(tensor));
        });
  }

  static List<Device> devices() {
    return List.of(Device.CPU, Device.CPU64);
  }

  @Test
  void sameContentSameBytes() throws IOException {
    Path a = temp.resolve("a");
    Path b = temp.resolve("b");
    TensorFile.write(a, tensors(Device.CPU), METADATA);
    TensorFile.write(b, tensors(Device.CPU), METADATA);
    assertThat(a).hasSameBinaryContentAs(b);
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).containsExactlyInAnyOrder(a, b);
    }
  }

  @Test
  void isLaidOutAsTheFormatSays() throws IOException {
    Path file = temp.resolve("a");
    TensorFile.write(file, Map.of("x", Tensors.of(Device.CPU, 1.0, 2.0)), Map.of());
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(buffer.getLong());
    assertThat(length % 8).isZero();
    assertThat(new String(bytes, 8, length, StandardCharsets.UTF_8).strip())
        .matches(
            "\\{\"__metadata__\":\\{\"sha256\":\"[0-9a-f]{64}\"},"
                + "\"x\":\\{\"dtype\":\"F32\",\"shape\":\\[2],\"data_offsets\":\\[0,8]}}");
    assertThat(buffer.getFloat(8 + length)).isEqualTo(1f);
    assertThat(buffer.getFloat(12 + length)).isEqualTo(2f);
  }

  /** Each bit of header and numbers counts, but for the name of the checksum. */
  @Test
  void noFlippedBitIsOverlooked() throws IOException {
    Path file = temp.resolve("a");
    TensorFile.write(file, Map.of("x", Tensors.of(Device.CPU, 1.0, 2.0)), Map.of("step", "7"));
    assertThat(TensorFile.read(file, Device.CPU).isVerified()).isTrue();
    byte[] whole = Files.readAllBytes(file);
    int key = new String(whole, StandardCharsets.ISO_8859_1).indexOf("sha256");
    for (int i = 0; i < whole.length; i++) {
      if (i >= key && i < key + "sha256".length()) {
        continue;
      }
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << i % 8);
      Files.write(file, flipped);
      assertThatThrownBy(() -> TensorFile.read(file, Device.CPU))
          .as("byte %d of %d", i, whole.length)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("\nMaybe ");
    }
    Files.write(file, file("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8));
    assertThat(TensorFile.read(file, Device.CPU).isVerified()).isFalse();
  }

  private static byte[] file(String header, int numberBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + numberBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .array();
  }

  static Stream<Arguments> broken() {
    String good = "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    byte[] whole = file(good, 8);
    return Stream.of(
        Arguments.of(new byte[0], "0 bytes only"),
        Arguments.of(new byte[] {1, 2, 3}, "3 bytes only"),
        Arguments.of("a text that is longer".getBytes(StandardCharsets.UTF_8), "no length"),
        Arguments.of(Arrays.copyOf(whole, 20), "within its header"),
        Arguments.of(Arrays.copyOf(whole, whole.length - 1), "7 bytes of numbers"),
        Arguments.of(Arrays.copyOf(whole, whole.length + 1), "9 bytes of numbers"),
        Arguments.of(file("{\"x\":", 8), "header is not"),
        Arguments.of(file("{\"__metadata__\":{\"sha256\":\"1f\"}}", 0), "its sha256 is not"),
        Arguments.of(file("[1,2]", 8), "header is not"),
        Arguments.of(file(good + "{}", 8), "goes on after its end"),
        Arguments.of(file(good.replace("F32", "F16"), 8), "dtype F16; known are F32, F64, I64"),
        Arguments.of(file(good.replace("F32", "F64"), 8), "does not fit its shape"),
        Arguments.of(file(good.replace("[2]", "[3]"), 8), "does not fit its shape"),
        Arguments.of(file(good.replace("[2]", "[-2]"), 8), "size -2"),
        Arguments.of(
            file(good.replace("[2]", "[4294967296,4294967296,4294967296]"), 8), "header is not"),
        Arguments.of(
            file(good.replace("[2]", "[4611686018427387904]").replace("[0,8]", "[0,0]"), 0),
            "header is not"),
        Arguments.of(file(good.replace("[0,8]", "[4,12]"), 12), "does not fit its shape"),
        Arguments.of(file(good.replace("shape", "shapes"), 8), "a key 'shapes'"),
        Arguments.of(file("{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8), "lacks its dtype"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void saysWhatIsWrong(byte[] bytes, String fragment) throws IOException {
    Path file = Files.write(temp.resolve("a.safetensors"), bytes);
    assertThatThrownBy(() -> TensorFile.read(file, Device.CPU))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(fragment)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void anotherPrecisionIsRefused() throws IOException {
    Path file = temp.resolve("a");
    TensorFile.write(file, Map.of("x", Tensors.of(Device.CPU64, 1.0)), Map.of());
    assertThatThrownBy(() -> TensorFile.read(file, Device.CPU))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("'x' is float64, but the run has dtype float32");
  }

  @Test
  void aFailedWriteLeavesTheOldFile() throws IOException {
    Path file = temp.resolve("a");
    AtomicFile.write(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      throw new IOException("no space");
                    }))
        .hasMessage("no space");
    assertThat(file).hasContent("old");
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).containsExactly(file);
    }
  }
}
