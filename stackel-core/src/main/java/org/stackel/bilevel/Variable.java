package org.stackel.bilevel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Tensors;

/**
 * One of the two variables: a flat vector for algorithms, and the form in which the user's
 * functions see it.
 *
 * @param symbol x or y
 * @param layout names and shapes in the vector
 * @param device where its start is
 * @param start makes the vector that it starts with, in the open scope
 * @param view from the vector to the form
 * @param names of the form's tensors
 * @param tensors of the form
 */
record Variable<V>(
    String symbol,
    Layout layout,
    Device device,
    Supplier<Tensor> start,
    Function<Tensor, V> view,
    Function<V, List<String>> names,
    Function<V, List<Tensor>> tensors) {

  /** A variable that is a vector. */
  static Variable<Tensor> of(String symbol, double[] start) {
    double[] numbers = start.clone();
    checkSize(symbol + "0", List.of((long) numbers.length), numbers.length);
    return tensor(
        symbol, new long[] {numbers.length}, Device.CPU64, () -> Tensors.of(Device.CPU64, numbers));
  }

  /** A variable that is one tensor of any shape. */
  static Variable<Tensor> of(String symbol, Tensor start) {
    Device device = check(symbol + "0", start);
    long[] shape = Tensors.shape(start).stream().mapToLong(Long::longValue).toArray();
    return tensor(
        symbol,
        shape,
        device,
        () -> {
          Misuse.checkAlive(symbol + "0", start);
          return start.detach().reshape(-1);
        });
  }

  private static Variable<Tensor> tensor(
      String symbol, long[] shape, Device device, Supplier<Tensor> start) {
    return new Variable<>(
        symbol,
        Layout.EMPTY.with(symbol, shape),
        device,
        start,
        flat -> shape.length == 1 ? flat : flat.view(shape),
        tensor -> List.of(symbol),
        List::of);
  }

  /** A variable of named tensors. */
  static Variable<Named> of(String symbol, Named start) {
    String firstName = start.names().get(0);
    Device first = check("%s0.%s".formatted(symbol, firstName), start.get(firstName));
    for (String name : start.names()) {
      String full = "%s0.%s".formatted(symbol, name);
      checkSame("%s0.%s".formatted(symbol, firstName), first, full, check(full, start.get(name)));
    }
    Layout layout = start.layout();
    return new Variable<>(
        symbol,
        layout,
        first,
        () -> {
          start.names().forEach(name -> check("%s0.%s".formatted(symbol, name), start.get(name)));
          return start.flat().detach();
        },
        flat -> Named.views(layout, flat),
        Named::names,
        Named::tensors);
  }

  private static Device check(String name, Tensor start) {
    Misuse.checkAlive(name, start);
    checkSize(name, Tensors.shape(start), start.numel());
    try {
      return Device.of(start);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
              "%s must be float32 or float64; it is %s.".formatted(name, Misuse.type(start)),
              "to(torch.ScalarType.Double) is missing.")
          .causedBy(e);
    }
  }

  private static void checkSize(String name, List<Long> shape, long size) {
    if (size == 0) {
      throw new InvalidInputException(
          "%s has no numbers; its shape is %s.".formatted(name, shape),
          "it was made before its size was known.");
    }
  }

  /** {@code x of shape [3]}, or {@code x of w [2, 3], b [3]}. */
  String words() {
    boolean isOne = layout.parts().size() == 1 && layout.parts().get(0).name().equals(symbol);
    return isOne
        ? "%s of shape %s".formatted(symbol, layout.parts().get(0).shape())
        : layout.parts().stream()
            .map(part -> part.name() + " " + part.shape())
            .collect(Collectors.joining(", ", symbol + " of ", ""));
  }

  /** Complains about tensors of two types, or in two places. */
  static void checkSame(String name, Device device, String otherName, Device other) {
    if (!other.equals(device)) {
      throw new InvalidInputException(
          "%s is %s, but %s is %s."
              .formatted(name, Misuse.words(device), otherName, Misuse.words(other)),
          "one of them was made for another Device.");
    }
  }

  /**
   * The vector of a form that a function of the user's returned.
   *
   * @param what the function, for messages
   * @throws InvalidInputException if a tensor is missing or of another shape
   */
  Tensor flat(String what, V form) {
    List<String> found = names.apply(form);
    List<String> expected = layout.parts().stream().map(Layout.Part::name).toList();
    if (!found.equals(expected)) {
      throw new InvalidInputException(
          "%s must return the tensors %s; it returned %s.".formatted(what, expected, found),
          "with() was meant, which replaces one and keeps the others.");
    }
    var flat = new ArrayList<Tensor>();
    for (int i = 0; i < found.size(); i++) {
      Tensor tensor = tensors.apply(form).get(i);
      Misuse.checkReturned(what, tensor);
      List<Long> shape = layout.parts().get(i).shape();
      if (!Tensors.shape(tensor).equals(shape)) {
        throw new InvalidInputException(
            "%s must return %s in its shape %s; it returned %s."
                .formatted(what, found.get(i), shape, Tensors.shape(tensor)),
            "it was combined with a tensor of another shape.");
      }
      flat.add(tensor.reshape(-1));
    }
    return flat.size() == 1
        ? flat.get(0).detach()
        : torch.cat(new TensorVector(flat.toArray(Tensor[]::new))).detach();
  }
}
