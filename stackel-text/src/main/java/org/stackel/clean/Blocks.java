package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    int known = folder.texts("columns").size();
    require(
        columns.length > 0 && Arrays.stream(columns).allMatch(c -> c >= 0 && c < known),
        "a block reads columns that are not there");
    switch (String.valueOf(about.get("kind"))) {
      case VECTORS -> dense.add(vectors(about, columns));
      case NUMBERS -> {
        double[] mean = doubles(about.get("mean"));
        double[] factor = doubles(about.get("factor"));
        require(
            mean.length == columns.length && factor.length == columns.length,
            "'mean' and 'factor' must have a number for each column");
        dense.add(
            new NumberBlock(columns, mean, factor, Boolean.TRUE.equals(about.get("products"))));
      }
      case TERMS -> sparse.add(TermBlock.of(columns, vocabulary(), factors("termFactors")));
      case INDICES -> sparse.add(IndexBlock.of(columns[0], vocabulary(), factors("indexFactors")));
      case CATEGORY -> {
        List<String> values =
            about.get("values") instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
        requireDistinct(values);
        sparse.add(
            CategoryBlock.of(
                columns[0],
                values,
                about.get("value") instanceof Number number ? number.floatValue() : 1));
      }
      default ->
          throw ModelFolder.broken(
              folder.path().resolve(ModelFolder.CONFIG),
              "it has a block of the unknown kind '%s'".formatted(about.get("kind")));
    }
  }

  private VectorBlock vectors(Map<?, ?> about, int[] columns) {
    int dimension = about.get("dimension") instanceof Number number ? number.intValue() : 0;
    List<String> words = lines(VECTOR_WORDS);
    float[] table = numbers("wordVectors");
    WordVectors others = BUILT_IN.equals(about.get("others")) ? WordVectors.builtIn() : null;
    double[] mean = doubles(numbers("vectorMean"));
    double[] scale = doubles(numbers("vectorScale"));
    int width = VectorBlock.width(columns.length, dimension);
    require(
        dimension > 0
            && table.length == (long) words.size() * dimension
            && (others == null || others.dimension() == dimension)
            && mean.length == width
            && scale.length == width,
        "its word vectors do not fit the weights");
    return new VectorBlock(columns, FixedVectors.of(words, dimension, table, others), mean, scale);
  }

  private List<String> vocabulary() {
    List<String> words = lines(VOCABULARY);
    requireDistinct(words);
    return words;
  }

  /** A weight for each word of the vocabulary. */
  private float[] factors(String name) {
    float[] factors = numbers(name);
    require(factors.length == lines(VOCABULARY).size(), "its vocabulary does not fit the weights");
    return factors;
  }

  private void requireDistinct(List<String> words) {
    require(Set.copyOf(words).size() == words.size(), "a word stands twice in a vocabulary");
  }

  private void require(boolean isRight, String why) {
    if (!isRight) {
      throw ModelFolder.broken(folder.path().resolve(ModelFolder.CONFIG), why);
    }
  }

  private List<String> lines(String name) {
    String text = folder.file(name);
    if (text == null) {
      throw ModelFolder.broken(folder.path().resolve(name), "it is missing");
    }
    return Arrays.asList(text.isEmpty() ? new String[0] : text.split("\r?\n"));
  }

  private int[] integers(@Nullable Object list) {
    return Arrays.stream(doubles(list)).mapToInt(number -> (int) number).toArray();
  }

  private double[] doubles(@Nullable Object value) {
    List<?> list = value instanceof List<?> numbers ? numbers : List.of();
    require(list.stream().allMatch(Number.class::isInstance), "a block has no list of numbers");
    return list.stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray();
  }

  private static double[] doubles(float[] numbers) {
    double[] wide = new double[numbers.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = numbers[i];
    }
    return wide;
  }

  float[] numbers(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw ModelFolder.broken(folder.path(), "its weights lack '%s'".formatted(name));
    }
    float[] numbers = new float[Math.toIntExact(tensor.numel())];
    Tensors.copyTo(tensor.reshape(-1), numbers);
    return numbers;
  }
}
