package org.stackel.clean;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/**
 * Writes how features are computed: a description of every block, tensors, and lists of words.
 *
 * @param folder where lists of words go
 * @param tensors get the numbers, by name
 */
record BlockWriter(Path folder, Map<String, Tensor> tensors) {

  List<Map<String, @Nullable Object>> write(Featurizer featurizer) throws IOException {
    var all = new ArrayList<Map<String, @Nullable Object>>();
    for (DenseBlock block : featurizer.dense()) {
      if (block instanceof VectorBlock vectors) {
        all.add(vectors(vectors));
      } else if (block instanceof NumberBlock numbers) {
        all.add(numbers(numbers));
      }
    }
    for (SparseBlock block : featurizer.sparse()) {
      if (block instanceof TermBlock terms) {
        put("termFactors", terms.factors());
        lines(Blocks.VOCABULARY, terms.terms());
        all.add(described(Blocks.TERMS, "columns", list(terms.texts())));
      } else if (block instanceof IndexBlock indices) {
        put("indexFactors", indices.factors());
        lines(Blocks.VOCABULARY, indices.indices());
        all.add(described(Blocks.INDICES, "columns", List.of(indices.column())));
      } else if (block instanceof CategoryBlock category) {
        Map<String, @Nullable Object> about =
            described(Blocks.CATEGORY, "columns", List.of(category.column()));
        about.put("values", category.values());
        about.put("value", category.value());
        all.add(about);
      }
    }
    return all;
  }

  private void lines(String name, List<String> lines) throws IOException {
    var all = new StringBuilder();
    lines.forEach(line -> all.append(line).append('\n'));
    AtomicFile.write(folder.resolve(name), all.toString());
  }

  private Map<String, @Nullable Object> vectors(VectorBlock block) throws IOException {
    put("vectorMean", floats(block.mean()));
    put("vectorScale", floats(block.scale()));
    FixedVectors own = (FixedVectors) block.vectors();
    List<String> words =
        own.rows().entrySet().stream()
            .sorted(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .toList();
    lines(Blocks.VECTOR_WORDS, words);
    put("wordVectors", own.table());
    Map<String, @Nullable Object> about = described(Blocks.VECTORS, "columns", list(block.texts()));
    about.put("dimension", own.dimension());
    about.put("others", own.others() == null ? "none" : Blocks.BUILT_IN);
    return about;
  }

  private Map<String, @Nullable Object> numbers(NumberBlock block) {
    Map<String, @Nullable Object> about =
        described(Blocks.NUMBERS, "columns", list(block.columns()));
    about.put("mean", Arrays.stream(block.mean()).boxed().toList());
    about.put("factor", Arrays.stream(block.factor()).boxed().toList());
    about.put("products", block.products());
    return about;
  }

  private static Map<String, @Nullable Object> described(String kind, String key, Object value) {
    var about = new LinkedHashMap<String, @Nullable Object>();
    about.put("kind", kind);
    about.put(key, value);
    return about;
  }

  private static List<Integer> list(int[] numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  private void put(String name, float[] numbers) {
    tensors.put(name, Tensors.of(Device.CPU, numbers, numbers.length));
  }
}
