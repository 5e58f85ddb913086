package org.stackel.tensor;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Shown;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Named tensors in a file of the safetensors format: eight bytes with the length of a JSON header,
 * the header, the numbers. Little-endian; float32, float64 and int64.
 *
 * <p>The metadata {@code sha256} are the SHA-256 of header and numbers, with 64 zeros in its own
 * place: damage of any bit is noticed. Files without it, of other programs or earlier versions, are
 * read too.
 *
 * <p>The same tensors and metadata give the same bytes.
 */
public final class TensorFile {
  private static final String METADATA = "__metadata__";
  private static final String CHECKSUM = "sha256";
  private static final String UNKNOWN = "0".repeat(64);
  private static final long LARGEST_HEADER = 100_000_000;
  private static final int CHUNK = 1 << 30;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private TensorFile() {}

  /**
   * What a file holds.
   *
   * @param tensors tensors by name, in the order of the file
   * @param metadata texts by name, but for the checksum
   * @param isVerified whether there was a checksum, which was right
   */
  public record Content(
      Map<String, Tensor> tensors, Map<String, String> metadata, boolean isVerified) {}

  private enum Type {
    F32(4, torch.ScalarType.Float),
    F64(8, torch.ScalarType.Double),
    I64(8, torch.ScalarType.Long);

    final int size;
    final torch.ScalarType type;

    Type(int size, torch.ScalarType type) {
      this.size = size;
      this.type = type;
    }
  }

  private record Entry(String name, Type type, List<Long> shape, long begin, long end) {
    long numbers() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }
  }

  /**
   * Writes the tensors in their order, in place of the file if there is one: all or nothing.
   *
   * @throws IllegalArgumentException for tensors of other types
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    try (var scope = StateScope.open()) {
      var host = new LinkedHashMap<String, Tensor>();
      tensors.forEach((name, tensor) -> host.put(name, tensor.detach().cpu().contiguous()));
      var described = new LinkedHashMap<>(metadata);
      described.put(CHECKSUM, UNKNOWN);
      byte[] header = header(host, described);
      MessageDigest digest = digest();
      digest.update(header);
      host.values().forEach(tensor -> bytes(tensor).forEach(digest::update));
      put(header, UNKNOWN, HexFormat.of().formatHex(digest.digest()));
      AtomicFile.write(
          file,
          channel -> {
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            AtomicFile.writeFully(channel, length.putLong(header.length).flip());
            AtomicFile.writeFully(channel, ByteBuffer.wrap(header));
            for (Tensor tensor : host.values()) {
              for (ByteBuffer bytes : bytes(tensor)) {
                AtomicFile.writeFully(channel, bytes);
              }
            }
          });
    }
  }

  /**
   * Reads a file onto the device.
   *
   * @throws InvalidInputException if the file is no such file, is cut off, or has floating-point
   *     numbers of another precision than the device
   * @throws IOException if it cannot be read
   */
  public static Content read(Path file, Device device) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel, device);
    } catch (InvalidInputException e) {
      throw e.at(file.toString());
    } catch (JacksonException e) {
      String why = Shown.jsonReason(e.getOriginalMessage());
      throw broken("its header is not as it must be: " + why).at(file.toString());
    } catch (ArithmeticException e) {
      throw broken("its header is not as it must be: " + e.getMessage()).at(file.toString());
    }
  }

  private static byte[] header(Map<String, Tensor> tensors, Map<String, String> metadata) {
    var text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeName(METADATA).writeStartObject();
        metadata.forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      long offset = 0;
      for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
        Tensor tensor = entry.getValue();
        long end = offset + tensor.numel() * type(entry.getKey(), tensor).size;
        json.writeName(entry.getKey()).writeStartObject();
        json.writeStringProperty("dtype", type(entry.getKey(), tensor).name());
        json.writeName("shape").writeStartArray();
        Tensors.shape(tensor).forEach(json::writeNumber);
        json.writeEndArray().writeName("data_offsets").writeStartArray();
        json.writeNumber(offset).writeNumber(end).writeEndArray().writeEndObject();
        offset = end;
      }
      json.writeEndObject();
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = new byte[(bytes.length + 7) / 8 * 8]; // the numbers start at a multiple of 8
    Arrays.fill(padded, (byte) ' ');
    System.arraycopy(bytes, 0, padded, 0, bytes.length);
    return padded;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** Replaces the checksum in a header. */
  private static void put(byte[] header, String before, String after) {
    String text = new String(header, StandardCharsets.ISO_8859_1);
    String key = "\"" + CHECKSUM + "\":\"";
    int at = text.indexOf(key + before + "\"");
    if (at < 0 || before.length() != after.length()) {
      throw broken("its %s is not written as it must be".formatted(CHECKSUM));
    }
    byte[] digits = after.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(digits, 0, header, at + key.length(), digits.length);
  }

  private static Type type(String name, Tensor tensor) {
    for (Type type : Type.values()) {
      if (tensor.scalar_type().intern() == type.type) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "The tensor '%s' has type %s.\nMaybe float32, float64 or int64 was meant."
            .formatted(name, tensor.scalar_type()));
  }

  /** The memory of a contiguous tensor of the host, as buffers that Java can address. */
  private static List<ByteBuffer> bytes(Tensor tensor) {
    var buffers = new ArrayList<ByteBuffer>();
    long size = tensor.nbytes();
    for (long at = 0; at < size; at += CHUNK) {
      var pointer = new BytePointer(tensor.data_ptr());
      long end = Math.min(size, at + CHUNK);
      pointer.position(at).limit(end);
      buffers.add(pointer.asByteBuffer());
    }
    return buffers;
  }

  private static Content read(FileChannel channel, Device device) throws IOException {
    long size = channel.size();
    if (size < 8) {
      throw broken(String.format(Locale.ROOT, "it has %d bytes only", size));
    }
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length);
    long headerLength = length.getLong(0);
    if (headerLength < 2 || headerLength > LARGEST_HEADER) {
      throw broken("its first eight bytes give no length of a header");
    }
    if (headerLength > size - 8) {
      throw broken("it ends within its header");
    }
    ByteBuffer header = ByteBuffer.allocate((int) headerLength);
    readFully(channel, header);
    var metadata = new LinkedHashMap<String, String>();
    List<Entry> entries = parse(text(header.flip()), metadata);
    check(entries, size - 8 - headerLength, device);
    String checksum = metadata.remove(CHECKSUM);
    if (checksum == null) {
      return new Content(
          numbers(channel, 8 + headerLength, entries, device, null), metadata, false);
    }
    MessageDigest digest = digest();
    put(header.array(), checksum, UNKNOWN);
    digest.update(header.array());
    Map<String, Tensor> tensors = numbers(channel, 8 + headerLength, entries, device, digest);
    if (!HexFormat.of().formatHex(digest.digest()).equals(checksum)) {
      throw new InvalidInputException(
          "The file is damaged: its content has another SHA-256 than its header says.",
          "it was changed, or the disk or a copy of the file is faulty.");
    }
    return new Content(tensors, metadata, true);
  }

  /**
   * Reads the numbers.
   *
   * @param digest is told of them in the order of the file
   */
  private static Map<String, Tensor> numbers(
      FileChannel channel,
      long start,
      List<Entry> entries,
      Device device,
      @Nullable MessageDigest digest)
      throws IOException {
    var tensors = new LinkedHashMap<String, Tensor>();
    for (Entry entry : inOrder(entries)) {
      Tensor tensor = Tensors.room(entry.type().type, entry.shape());
      channel.position(start + entry.begin());
      for (ByteBuffer bytes : bytes(tensor)) {
        readFully(channel, bytes);
        if (digest != null) {
          digest.update(bytes.rewind());
        }
      }
      tensors.put(entry.name(), Tensors.onDevice(tensor, device));
    }
    return tensors;
  }

  private static List<Entry> inOrder(List<Entry> entries) {
    return entries.stream().sorted(Comparator.comparingLong(Entry::begin)).toList();
  }

  private static String text(ByteBuffer header) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(header).toString();
    } catch (CharacterCodingException e) {
      throw broken("its header is not UTF-8").causedBy(e);
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw broken("it ends too early");
      }
    }
  }

  private static List<Entry> parse(String header, Map<String, String> metadata) {
    var entries = new ArrayList<Entry>();
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), header)) {
      expect(json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        expect(json.nextToken(), JsonToken.START_OBJECT);
        if (name.equals(METADATA)) {
          while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            expect(json.nextToken(), JsonToken.VALUE_STRING);
            metadata.put(key, json.getString());
          }
        } else {
          entries.add(entry(name, json));
        }
      }
      if (json.nextToken() != null) {
        throw broken("its header goes on after its end");
      }
    }
    return entries;
  }

  private static Entry entry(String name, JsonParser json) {
    @Nullable Type type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      switch (json.currentName()) {
        case "dtype" -> {
          expect(json.nextToken(), JsonToken.VALUE_STRING);
          type = type(name, json.getString());
        }
        case "shape" -> shape = naturals(json);
        case "data_offsets" -> offsets = naturals(json);
        default ->
            throw broken("the tensor '%s' has a key '%s'".formatted(name, json.currentName()));
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw broken("the tensor '%s' lacks its dtype, shape or data_offsets".formatted(name));
    }
    return new Entry(name, type, shape, offsets.get(0), offsets.get(1));
  }

  private static Type type(String name, String word) {
    for (Type type : Type.values()) {
      if (type.name().equals(word)) {
        return type;
      }
    }
    throw new InvalidInputException(
        "The tensor '%s' has the dtype %s; known are F32, F64, I64.".formatted(name, word),
        "another program wrote the file and can write float32.");
  }

  private static List<Long> naturals(JsonParser json) {
    var numbers = new ArrayList<Long>();
    expect(json.nextToken(), JsonToken.START_ARRAY);
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT);
      if (json.getLongValue() < 0) {
        throw broken("its header has the size " + json.getLongValue());
      }
      numbers.add(json.getLongValue());
    }
    return numbers;
  }

  private static void expect(@Nullable JsonToken found, JsonToken expected) {
    if (found != expected) {
      throw broken("its header is not as it must be");
    }
  }

  private static void check(List<Entry> entries, long size, Device device) {
    long end = 0;
    for (Entry entry : inOrder(entries)) {
      if (entry.begin() != end
          || entry.end() - end != Math.multiplyExact(entry.numbers(), entry.type().size)) {
        throw broken("the place of the tensor '%s' does not fit its shape".formatted(entry.name()));
      }
      end = entry.end();
      Type other = device.precision() == Device.Precision.FLOAT64 ? Type.F32 : Type.F64;
      if (entry.type() == other) {
        throw new InvalidInputException(
            "The tensor '%s' is %s, but the run has dtype %s."
                .formatted(
                    entry.name(),
                    other == Type.F32 ? "float32" : "float64",
                    other == Type.F32 ? "float64" : "float32"),
            "dtype in the experiment was changed after the file was written.");
      }
    }
    if (end != size) {
      throw broken(
          String.format(
              Locale.ROOT, "it has %d bytes of numbers where its header says %d", size, end));
    }
  }

  private static InvalidInputException broken(String what) {
    return new InvalidInputException(
        "This is no whole safetensors file: %s.".formatted(what),
        "it was copied only in part, or is something else.");
  }
}
