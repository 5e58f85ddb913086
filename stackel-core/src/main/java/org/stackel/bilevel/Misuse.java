package org.stackel.bilevel;

import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Device;

/** What goes wrong in a user's functions and tensors, in the user's terms. */
final class Misuse {
  private Misuse() {}

  /** Complains about a tensor that a scope has freed. */
  static void checkAlive(String name, Tensor tensor) {
    if (tensor.isNull()) {
      throw new InvalidInputException(
          "%s has been freed.".formatted(name),
          "it was made in a StateScope that has been closed; Tensors.copy outlives scopes.");
    }
  }

  /** Complains about a function that frees its own result. */
  static void checkReturned(String what, Tensor tensor) {
    if (tensor.isNull()) {
      throw new InvalidInputException(
          what + " returned a tensor that has been freed.",
          "it was made in a StateScope that the function closes; StateScope.nested keeps the"
              + " result.");
    }
  }

  /**
   * What a function of the user's returned.
   *
   * @param what the function: "The lower loss of ridge"
   * @param at where it was called, for the message
   * @param device where the problem is open
   * @throws InvalidInputException if it threw or returned null; one of the user's own is passed on
   */
  static <T> T returned(
      String what, Supplier<String> at, Device device, Supplier<@Nullable T> body) {
    T result;
    try {
      result = body.get();
    } catch (InvalidInputException e) {
      throw e;
    } catch (RuntimeException e) {
      throw failed(what, at.get(), device, e);
    }
    if (result == null) {
      throw new InvalidInputException(
          what + " returned null.", "a return value is missing in one of its branches.");
    }
    return result;
  }

  private static InvalidInputException failed(
      String what, String at, Device device, RuntimeException cause) {
    String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    if (cause instanceof NullPointerException && message.endsWith("is NULL.")) { // JavaCPP's words
      return new InvalidInputException(
              what + " used a tensor that has been freed.",
              "it was made in a StateScope that has been closed; data(name, tensor) and Tensors.copy"
                  + " outlive scopes.")
          .causedBy(cause);
    }
    // JavaCPP throws plain RuntimeException for every C++ exception.
    boolean isNative = cause.getClass() == RuntimeException.class;
    String error = isNative ? message : cause.getClass().getSimpleName() + ": " + message;
    return new InvalidInputException(
            "%s failed%s: %s".formatted(what, at, sentence(error)), hint(message, isNative, device))
        .causedBy(cause);
  }

  private static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }

  private static String hint(String message, boolean isNative, Device device) {
    if (!isNative) {
      return "its own code is wrong; the cause of this exception has the line.";
    }
    if (message.contains("in-place")) {
      return "a method whose name ends in _ changes x or y: add() in place of add_().";
    }
    if (message.contains("scalar type")
        || message.contains("dtype")
        || message.contains("device")) {
      return "a tensor that it captured is not %s, as which the problem was opened; data(name, tensor) and b.rows(tensor) convert."
          .formatted(words(device));
    }
    return "two of its tensors do not fit together.";
  }

  /** {@code float64 on cpu}. */
  static String words(Device device) {
    return "%s on %s".formatted(lower(device.precision()), lower(device.kind()));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** The type of a tensor's numbers as PyTorch calls it, such as int64. */
  static String type(Tensor tensor) {
    torch.ScalarType type = tensor.scalar_type().intern();
    return switch (type) {
      case Long -> "int64";
      case Int -> "int32";
      case Bool -> "bool";
      case Half -> "float16";
      default -> type.name().toLowerCase(Locale.ROOT);
    };
  }
}
