package org.stackel.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The float weights in an ONNX file, under the names they had in PyTorch.
 *
 * <p>The exporter keeps the names of biases, embeddings and norms. The weights of linear layers it
 * transposes and renames to {@code onnx::MatMul_787}; the product that uses one still says whose it
 * was: {@code /encoder/layer.0/output/dense/MatMul}.
 *
 * <p>Read as plain protocol buffers: of a model the graph (7), of that the nodes (1: inputs 1, name
 * 3) and the initialisers (5: dimensions 1, type 2, name 8, bytes 9).
 */
public final class OnnxWeights {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int FLOAT = 1;

  private final Map<String, Stored> stored = new HashMap<>();
  private final Map<String, String> factors = new HashMap<>();

  /** Numbers as they are in the file. */
  private record Stored(List<Long> shape, ByteBuffer bytes) {}

  private OnnxWeights() {}

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is no ONNX file
   */
  public static OnnxWeights of(byte[] file) {
    var weights = new OnnxWeights();
    try {
      ByteBuffer model = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
      for (Field field; (field = Field.next(model)) != null; ) {
        if (field.number() == 7) {
          weights.readGraph(field.bytes());
        }
      }
    } catch (java.nio.BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("This is no ONNX file.", e);
    }
    return weights;
  }

  private void readGraph(ByteBuffer graph) {
    for (Field field; (field = Field.next(graph)) != null; ) {
      if (field.number() == 1) {
        readNode(field.bytes());
      } else if (field.number() == 5) {
        readInitialiser(field.bytes());
      }
    }
  }

  private void readNode(ByteBuffer node) {
    var inputs = new ArrayList<String>();
    String name = "";
    for (Field field; (field = Field.next(node)) != null; ) {
      if (field.number() == 1) {
        inputs.add(field.text());
      } else if (field.number() == 3) {
        name = field.text();
      }
    }
    if (name.startsWith("/") && name.endsWith("/MatMul") && inputs.size() == 2) {
      String layer = name.substring(1, name.length() - "/MatMul".length()).replace('/', '.');
      factors.put(layer + ".weight", inputs.get(1));
    }
  }

  private void readInitialiser(ByteBuffer tensor) {
    var shape = new ArrayList<Long>();
    long type = 0;
    String name = "";
    ByteBuffer numbers = ByteBuffer.allocate(0);
    for (Field field; (field = Field.next(tensor)) != null; ) {
      switch (field.number()) {
        case 1 -> field.addNumbers(shape);
        case 2 -> type = field.varint();
        case 8 -> name = field.text();
        case 9 -> numbers = field.bytes();
        default -> {}
      }
    }
    if (type == FLOAT) {
      stored.put(name, new Stored(shape, numbers));
    }
  }

  /**
   * The numbers of a parameter, row by row.
   *
   * @param name as PyTorch calls it
   * @param shape as PyTorch has it
   * @throws IllegalArgumentException if it is not there, or has another shape
   */
  public float[] numbers(String name, List<Long> shape) {
    Stored own = stored.get(name);
    if (own != null) {
      return floats(name, own, shape);
    }
    Stored factor = stored.get(factors.getOrDefault(name, ""));
    if (factor == null || shape.size() != 2) {
      throw new IllegalArgumentException("The file has no weights '%s'.".formatted(name));
    }
    float[] transposed = floats(name, factor, List.of(shape.get(1), shape.get(0)));
    int rows = Math.toIntExact(shape.get(0));
    int columns = Math.toIntExact(shape.get(1));
    float[] numbers = new float[transposed.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        numbers[i * columns + j] = transposed[j * rows + i];
      }
    }
    return numbers;
  }

  private static float[] floats(String name, Stored stored, List<Long> shape) {
    long count = shape.stream().reduce(1L, (a, b) -> a * b);
    if (!stored.shape().equals(shape) || stored.bytes().remaining() != Float.BYTES * count) {
      throw new IllegalArgumentException(
          "The weights '%s' have shape %s in the file; %s was expected."
              .formatted(name, stored.shape(), shape));
    }
    float[] numbers = new float[Math.toIntExact(count)];
    stored.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
    return numbers;
  }

  /**
   * A field of a message.
   *
   * @param number of the field
   * @param varint its value, of fields with one
   * @param bytes its content, of others
   */
  private record Field(int number, long varint, ByteBuffer bytes) {
    static @Nullable Field next(ByteBuffer message) {
      if (!message.hasRemaining()) {
        return null;
      }
      long key = readVarint(message);
      int number = (int) (key >>> 3);
      return switch ((int) (key & 7)) {
        case VARINT -> new Field(number, readVarint(message), ByteBuffer.allocate(0));
        case FIXED64 -> new Field(number, 0, cut(message, Long.BYTES));
        case BYTES -> new Field(number, 0, cut(message, readVarint(message)));
        case FIXED32 -> new Field(number, 0, cut(message, Integer.BYTES));
        default -> throw new IllegalArgumentException("This is no ONNX file.");
      };
    }

    private static ByteBuffer cut(ByteBuffer message, long length) {
      if (length < 0 || length > message.remaining()) {
        throw new IllegalArgumentException("This is no ONNX file, or its end is missing.");
      }
      ByteBuffer part = message.slice(message.position(), (int) length);
      message.position(message.position() + (int) length);
      return part;
    }

    private static long readVarint(ByteBuffer message) {
      long number = 0;
      int shift = 0;
      byte next;
      do {
        next = message.get();
        number |= (long) (next & 0x7F) << shift;
        shift += 7;
      } while (next < 0);
      return number;
    }

    String text() {
      return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    /** A repeated number: alone, or packed with others. */
    void addNumbers(List<Long> numbers) {
      ByteBuffer packed = bytes.duplicate();
      if (!packed.hasRemaining()) {
        numbers.add(varint);
      }
      while (packed.hasRemaining()) {
        numbers.add(readVarint(packed));
      }
    }
  }
}
