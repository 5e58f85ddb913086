package org.stackel.tensor;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.stackel.config.OptionRecord;

/**
 * How float32 matrices are multiplied. Parameters, gradients and the states of algorithms are
 * float32 with each of them; float64 is not touched.
 */
@OptionRecord
public enum Arithmetic {
  /** In float32 throughout: 24 bits of mantissa. */
  FP32,
  /** On a GPU with factors rounded to 11 bits of mantissa, sums in float32. */
  TF32,
  /**
   * Losses and their derivatives with products in bfloat16: 8 bits of mantissa, the range of
   * float32. Softmax, norms and sums stay in float32, as libtorch's autocast has it; so do
   * evaluations.
   */
  BF16;

  private static final DeviceType[] PROCESSORS = {DeviceType.CUDA, DeviceType.CPU};

  /** Lets this process's GPU multiply float32 matrices so from now on, in every thread. */
  public void begin() {
    Tensors.ready();
    Context context = torch.globalContext();
    context.setAllowTF32CuBLAS(this == TF32);
    context.setAllowTF32CuDNN(this == TF32);
  }

  /** Whether this thread computes products in fewer bits than its tensors have. */
  public static boolean isReduced() {
    return torch.is_autocast_enabled(DeviceType.CUDA);
  }

  /**
   * A loss, or what it is computed of. Its derivatives follow the types that it was computed in.
   */
  public <T> T of(Supplier<T> loss) {
    if (this != BF16 || isReduced()) {
      return loss.get();
    }
    torch.set_autocast_cache_enabled(false); // it would keep graphs
    for (DeviceType each : PROCESSORS) {
      torch.set_autocast_dtype(each, torch.ScalarType.BFloat16);
      torch.set_autocast_enabled(each, true);
    }
    try {
      return loss.get();
    } finally {
      for (DeviceType each : PROCESSORS) {
        torch.set_autocast_enabled(each, false);
      }
    }
  }
}
