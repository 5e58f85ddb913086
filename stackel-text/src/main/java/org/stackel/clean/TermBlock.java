package org.stackel.clean;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Weights of the words of texts, TF-IDF: {@code count · (ln((1 + n) / (1 + n_w)) + 1)}, divided by
 * the norm of the row. Where there are several texts, a word in one is another one in the other.
 *
 * @param texts columns of the texts
 * @param terms the words; behind the number of the text and a tab, if there are several
 * @param numbers of the words
 * @param factors of the words
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record TermBlock(int[] texts, List<String> terms, Map<String, Integer> numbers, float[] factors)
    implements SparseBlock {
  static TermBlock of(int[] texts, List<String> terms, float[] factors) {
    var numbers = new HashMap<String, Integer>(2 * terms.size());
    for (String term : terms) {
      numbers.put(term, numbers.size());
    }
    return new TermBlock(texts, terms, numbers, factors);
  }

  /**
   * Learns words and their weights.
   *
   * @param rows rows to learn from
   * @param least in how many rows a word must stand
   * @param most how many words are kept, the most frequent ones
   */
  static TermBlock fit(int[] texts, Iterable<RowView> rows, int least, int most) {
    var counts = new HashMap<String, int[]>(); // in how many rows, and the last of them
    int n = 0;
    for (RowView row : rows) {
      n++;
      for (int t = 0; t < texts.length; t++) {
        for (String word : row.words(texts[t])) {
          int[] count = counts.computeIfAbsent(term(texts.length, t, word), w -> new int[] {0, 0});
          if (count[1] != n) {
            count[0]++;
            count[1] = n;
          }
        }
      }
    }
    var kept = new ArrayList<Map.Entry<String, int[]>>();
    for (Map.Entry<String, int[]> each : counts.entrySet()) {
      if (each.getValue()[0] >= least) {
        kept.add(each);
      }
    }
    kept.sort(
        java.util.Comparator.comparingInt((Map.Entry<String, int[]> e) -> -e.getValue()[0])
            .thenComparing(Map.Entry::getKey));
    var chosen = new TreeMap<String, Integer>();
    kept.stream().limit(most).forEach(each -> chosen.put(each.getKey(), each.getValue()[0]));
    float[] factors = new float[chosen.size()];
    int next = 0;
    for (int count : chosen.values()) {
      factors[next++] = (float) (Math.log((1.0 + n) / (1.0 + count)) + 1);
    }
    return of(texts, List.copyOf(chosen.keySet()), factors);
  }

  private static String term(int count, int text, String word) {
    return count == 1 ? word : (text + 1) + "\t" + word;
  }

  @Override
  public int width() {
    return terms.size();
  }

  @Override
  public void write(RowView row, EntryList to) {
    int from = to.size();
    var counts = new TreeMap<Integer, Integer>();
    for (int t = 0; t < texts.length; t++) {
      for (String word : row.words(texts[t])) {
        Integer number = numbers.get(term(texts.length, t, word));
        if (number != null) {
          counts.merge(number, 1, Integer::sum);
        }
      }
    }
    counts.forEach((number, count) -> to.add(number, count * factors[number]));
    to.normalise(from);
  }
}
