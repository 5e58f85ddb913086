package org.stackel.bilevel;

import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** Some of the numbered samples of one level. */
public final class Minibatch {
  private final String level;
  private final int samples;
  private final int size;
  private final Tensor indices;
  private final Map<String, Tensor> data;
  private final Device device;
  private final @Nullable Part part;

  /**
   * Samples in a row, whose numbers in x this process has.
   *
   * @param places of this minibatch's samples in them, int64
   */
  private record Part(int count, Tensor places) {}

  /**
   * @param level "upper" or "lower", for messages
   * @param samples of the level
   * @param size of this minibatch; all samples are in their order
   * @param data what was handed over with the problem, by name
   */
  Minibatch(
      String level,
      int samples,
      int size,
      Tensor indices,
      Map<String, Tensor> data,
      Device device) {
    this(level, samples, size, indices, data, device, null);
  }

  private Minibatch(
      String level,
      int samples,
      int size,
      Tensor indices,
      Map<String, Tensor> data,
      Device device,
      @Nullable Part part) {
    this.level = level;
    this.samples = samples;
    this.size = size;
    this.indices = indices;
    this.data = data;
    this.device = device;
    this.part = part;
  }

  /** The same where x is a part: the numbers of {@code count} samples from one on. */
  Minibatch inPart(int first, int count) {
    var places = new Part(count, indices.sub(new Scalar((long) first)));
    return new Minibatch(level, samples, size, indices, data, device, places);
  }

  /** The numbers of the samples, from 0: int64, of shape [size], on the problem's device. */
  public Tensor indices() {
    return indices;
  }

  /** How many samples these are. */
  public int size() {
    return size;
  }

  /**
   * The rows of these samples: {@code index_select} on dimension 0. They come on the device of the
   * problem and, if they are floating-point numbers, in its type, wherever the given tensor is: so
   * data too large for a GPU may stay on the host. Differentiable: {@code b.rows(x)} are the
   * entries of x that belong to these samples.
   *
   * @param all of shape [samples of the level, …], or the part of x that this process has ({@link
   *     Bilevel#perExample})
   * @throws InvalidInputException if it has another number of rows
   */
  public Tensor rows(Tensor all) {
    if (part != null && all.dim() > 0 && all.size(0) == part.count) {
      return all.index_select(0, part.places);
    }
    if (all.dim() == 0 || all.size(0) != samples) {
      throw new InvalidInputException(
          "A tensor of shape %s has no row for each of the %d samples of the %s level."
              .formatted(Tensors.shape(all), samples, level),
          "it belongs to the other level, or batches(…) was given another number of samples.");
    }
    return Tensors.move(size == samples ? all : all.index_select(0, beside(all)), device);
  }

  private Tensor beside(Tensor all) {
    if (all.is_cuda() == indices.is_cuda()) {
      return indices;
    }
    return all.is_cuda() ? indices.cuda() : indices.cpu();
  }

  /**
   * The rows of data that were handed over with the problem, as {@link #rows(Tensor)} has them.
   *
   * @throws InvalidInputException if there are none of this name, or they have another number of
   *     rows
   */
  public Tensor rows(String name) {
    return rows(data(name));
  }

  /**
   * All data of this name that were handed over with the problem, on its device.
   *
   * @throws InvalidInputException if there are none
   */
  public Tensor data(String name) {
    Tensor found = data.get(name);
    if (found == null) {
      throw new InvalidInputException(
          "There are no data '%s'.".formatted(name),
          data.isEmpty()
              ? "data(\"%s\", …) of the problem is missing.".formatted(name)
              : Options.meant(name, data.keySet()));
    }
    return found;
  }
}
