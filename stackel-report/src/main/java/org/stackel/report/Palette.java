package org.stackel.report;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Images of at most 256 colours, which take half the bytes in a PNG file. */
final class Palette {
  private static final int SIZE = 256;
  private static final int RGB = 0xFFFFFF;

  private Palette() {}

  /** The image in its most frequent colours; a pixel of another has the nearest of them. */
  static BufferedImage reduce(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    var counts = new HashMap<Integer, Integer>();
    for (int pixel : pixels) {
      counts.merge(pixel & RGB, 1, Integer::sum);
    }
    List<Integer> colors =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<Integer, Integer>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(SIZE)
            .map(Map.Entry::getKey)
            .toList();
    int[] table = colors.stream().mapToInt(color -> color).toArray();
    var model = new IndexColorModel(8, table.length, table, 0, false, -1, 0);
    var reduced = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model);
    var numbers = new HashMap<Integer, Integer>();
    for (int i = 0; i < pixels.length; i++) {
      int number = numbers.computeIfAbsent(pixels[i] & RGB, color -> nearest(color, table));
      reduced.getRaster().setSample(i % width, i / width, 0, number);
    }
    return reduced;
  }

  private static int nearest(int color, int[] table) {
    int best = 0;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < table.length && least > 0; i++) {
      int distance = 0;
      for (int shift = 0; shift < 24; shift += 8) {
        int difference = (color >> shift & 0xFF) - (table[i] >> shift & 0xFF);
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    return best;
  }
}
