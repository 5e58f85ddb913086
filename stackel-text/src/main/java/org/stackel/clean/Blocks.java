package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.model.ModelFolder;
import org.stackel.tensor.Tensors;
import org.stackel.text.WordVectors;

/**
 * Reads what {@link BlockWriter} writes.
 *
 * @param folder of the model
 * @param tensors by name
 */
record Blocks(ModelFolder folder, Map<String, Tensor> tensors) {
  static final String VECTORS = "vectors";
  static final String NUMBERS = "numbers";
  static final String TERMS = "terms";
  static final String INDICES = "indices";
  static final String CATEGORY = "category";
  static final String BUILT_IN = "built-in";
  static final String VOCABULARY = "vocabulary.txt";
  static final String VECTOR_WORDS = "vectors.txt";

  Featurizer featurizer() {
    var dense = new ArrayList<DenseBlock>();
    var sparse = new ArrayList<SparseBlock>();
    if (folder.config().get("blocks") instanceof List<?> blocks) {
      for (Object block : blocks) {
        if (block instanceof Map<?, ?> about) {
          add(about, dense, sparse);
        }
      }
    }
    return new Featurizer(folder.texts("columns"), dense, sparse);
  }

  private void add(Map<?, ?> about, List<DenseBlock> dense, List<SparseBlock> sparse) {
    int[] columns = integers(about.get("columns"));
    switch (String.valueOf(about.get("kind"))) {
      case VECTORS -> dense.add(vectors(about, columns));
      case NUMBERS ->
          dense.add(
              new NumberBlock(
                  columns,
                  doubles(about.get("mean")),
                  doubles(about.get("factor")),
                  Boolean.TRUE.equals(about.get("products"))));
      case TERMS ->
          sparse.add(TermBlock.of(columns, lines(VOCABULARY), numbers(tensors, "termFactors")));
      case INDICES ->
          sparse.add(
              IndexBlock.of(columns[0], lines(VOCABULARY), numbers(tensors, "indexFactors")));
      case CATEGORY ->
          sparse.add(
              CategoryBlock.of(
                  columns[0],
                  about.get("values") instanceof List<?> list
                      ? list.stream().map(String::valueOf).toList()
                      : List.of(),
                  about.get("value") instanceof Number number ? number.floatValue() : 1));
      default ->
          throw ModelFolder.broken(
              folder.path().resolve(ModelFolder.CONFIG),
              "it has a block of the unknown kind '%s'".formatted(about.get("kind")));
    }
  }

  private VectorBlock vectors(Map<?, ?> about, int[] columns) {
    int dimension = about.get("dimension") instanceof Number number ? number.intValue() : 0;
    return new VectorBlock(
        columns,
        FixedVectors.of(
            lines(VECTOR_WORDS),
            dimension,
            numbers(tensors, "wordVectors"),
            BUILT_IN.equals(about.get("others")) ? WordVectors.builtIn() : null),
        doubles(numbers(tensors, "vectorMean")),
        doubles(numbers(tensors, "vectorScale")));
  }

  private List<String> lines(String name) {
    String text = folder.file(name);
    if (text == null) {
      throw ModelFolder.broken(folder.path().resolve(name), "it is missing");
    }
    return Arrays.asList(text.isEmpty() ? new String[0] : text.split("\r?\n"));
  }

  private static int[] integers(@Nullable Object list) {
    return Arrays.stream(doubles(list)).mapToInt(number -> (int) number).toArray();
  }

  private static double[] doubles(@Nullable Object list) {
    return list instanceof List<?> numbers
        ? numbers.stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray()
        : new double[0];
  }

  private static double[] doubles(float[] numbers) {
    double[] wide = new double[numbers.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = numbers[i];
    }
    return wide;
  }

  static float[] numbers(Map<String, Tensor> tensors, String name) {
    Tensor tensor = Objects.requireNonNull(tensors.get(name), name);
    float[] numbers = new float[Math.toIntExact(tensor.numel())];
    Tensors.copyTo(tensor.reshape(-1), numbers);
    return numbers;
  }
}
