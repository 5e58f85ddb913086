package org.stackel.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/**
 * Names and shapes of the parts of a flat vector, in order. Parameters of a model, or either
 * variable of a problem, are one contiguous vector; a layout says what lies where.
 *
 * @param parts the parts in order
 */
public record Layout(List<Part> parts) {
  /** The empty layout, to which parts can be added. */
  public static final Layout EMPTY = new Layout(List.of());

  /**
   * A named piece of the vector.
   *
   * @param name unique in its layout, dots between levels: {@code head.weight}
   * @param shape sizes of the dimensions
   */
  public record Part(String name, List<Long> shape) {
    /** Number of elements of the part. */
    public long size() {
      return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    private long[] sizes() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
  }

  public Layout {
    parts = List.copyOf(parts);
    if (parts.stream().anyMatch(part -> part.shape().stream().anyMatch(size -> size < 0))) {
      throw new IllegalArgumentException("No size of a layout may be negative: " + parts);
    }
    if (parts.stream().map(Part::name).distinct().count() != parts.size()) {
      throw new IllegalArgumentException("The names of a layout must differ: " + parts);
    }
  }

  /** A layout of one vector. */
  public static Layout vector(String name, long size) {
    return EMPTY.with(name, size);
  }

  /** This layout with one part more at its end. */
  public Layout with(String name, long... shape) {
    var sizes = new ArrayList<Long>();
    for (long size : shape) {
      sizes.add(size);
    }
    return append(List.of(new Part(name, List.copyOf(sizes))));
  }

  /** This layout followed by the other one, its names prefixed. */
  public Layout with(String prefix, Layout other) {
    return append(
        other.parts.stream().map(p -> new Part(prefix + "." + p.name(), p.shape())).toList());
  }

  private Layout append(List<Part> more) {
    var all = new ArrayList<>(parts);
    all.addAll(more);
    return new Layout(all);
  }

  /** Dimension of vectors with this layout. */
  public long size() {
    return parts.stream().mapToLong(Part::size).sum();
  }

  /**
   * The parts of a flat vector, as views in their shapes, in order. One split, so that a gradient
   * through all parts is one concatenation.
   *
   * @throws IllegalArgumentException if the vector has another size
   */
  public List<Tensor> split(Tensor flat) {
    if (flat.dim() != 1 || flat.numel() != size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Expected a vector of %d numbers (%s), found shape %s.",
              size(),
              parts,
              Tensors.shape(flat)));
    }
    if (parts.isEmpty()) {
      return List.of();
    }
    if (parts.size() == 1) {
      return List.of(flat.view(parts.get(0).sizes()));
    }
    long[] sizes = parts.stream().mapToLong(Part::size).toArray();
    var pieces = flat.split_with_sizes(sizes);
    var views = new ArrayList<Tensor>(parts.size());
    for (int i = 0; i < sizes.length; i++) {
      views.add(pieces.get(i).view(parts.get(i).sizes()));
    }
    return views;
  }
}
