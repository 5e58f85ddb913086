package org.stackel.tensor;

import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.OptionRecord;

/**
 * Processor and floating-point type of tensors.
 *
 * @param kind processor
 * @param precision floating-point type
 */
public record Device(Kind kind, Precision precision) {
  /** One CPU in float32. */
  public static final Device CPU = new Device(Kind.CPU, Precision.FLOAT32);

  /** One CPU in float64: for closed forms and small problems. */
  public static final Device CPU64 = new Device(Kind.CPU, Precision.FLOAT64);

  /** A kind of processor. */
  @OptionRecord
  public enum Kind {
    /** The host. */
    CPU,
    /** The first NVIDIA GPU that the process can use. */
    CUDA
  }

  /** A floating-point type. */
  @OptionRecord
  public enum Precision {
    /** 32 bits. */
    FLOAT32,
    /** 64 bits. */
    FLOAT64
  }

  /**
   * Where a tensor lives and the type of its numbers.
   *
   * @throws IllegalArgumentException if they are neither float32 nor float64
   */
  public static Device of(Tensor tensor) {
    var type = tensor.scalar_type().intern();
    if (type != torch.ScalarType.Double && type != torch.ScalarType.Float) {
      throw new IllegalArgumentException(
          "A tensor of a problem must be float32 or float64, not %s.".formatted(type));
    }
    return new Device(
        tensor.is_cuda() ? Kind.CUDA : Kind.CPU,
        type == torch.ScalarType.Double ? Precision.FLOAT64 : Precision.FLOAT32);
  }

  /**
   * Whether this machine has such a processor and libtorch was built for it. {@link Cuda#advice}
   * says what to do if not.
   */
  public boolean isAvailable() {
    Tensors.ready();
    return kind == Kind.CPU || torch.cuda_is_available();
  }

  torch.ScalarType type() {
    return precision == Precision.FLOAT64 ? torch.ScalarType.Double : torch.ScalarType.Float;
  }

  /** Options for a floating-point tensor on the host, from where {@code Tensors} moves it. */
  TensorOptions hostOptions() {
    return new TensorOptions().dtype(new ScalarTypeOptional(type()));
  }
}
