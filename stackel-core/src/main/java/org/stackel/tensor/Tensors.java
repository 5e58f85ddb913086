package org.stackel.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Small arithmetic on tensors, and the way in and out for Java arrays. */
public final class Tensors {
  static {
    Blas.name(); // before the first native class
  }

  private static final TensorOptions FLOAT = kept(() -> options(torch.ScalarType.Float));
  private static final TensorOptions DOUBLE = kept(() -> options(torch.ScalarType.Double));
  private static final TensorOptions LONG = kept(() -> options(torch.ScalarType.Long));
  private static final MemoryFormatOptional FORMAT = kept(MemoryFormatOptional::new);

  private static final org.bytedeco.pytorch.Device CUDA =
      kept(() -> new org.bytedeco.pytorch.Device(torch.DeviceType.CUDA));

  /** The most numbers that go to a GPU through pinned memory, which is kept for the next ones. */
  private static final long PINNED = 1 << 18;

  /** Squares of larger numbers than this, and of its inverse, are far from the ends of float32. */
  private static final double LEAST_SAFE = 1e-12;

  private Tensors() {}

  /** Outlives the scope that may be open when this class is loaded; what it is made of does not. */
  private static <P extends Pointer> P kept(Supplier<P> constant) {
    try (var scope = new PointerScope()) {
      P made = constant.get();
      made.retainReference();
      return made;
    }
  }

  static void ready() {}

  // ---- in and out --------------------------------------------------------------------------

  /** A vector of the given numbers. */
  public static Tensor of(Device device, double... numbers) {
    return of(device, numbers, numbers.length);
  }

  /**
   * A tensor of the given numbers and shape, row by row.
   *
   * @throws IllegalArgumentException if the shape has another count of numbers
   */
  public static Tensor of(Device device, double[] numbers, long... shape) {
    checkCount(numbers.length, shape);
    Tensor tensor = room(DOUBLE, shape);
    if (numbers.length > 0) {
      tensor.data_ptr_double().put(numbers);
    }
    return place(tensor, device);
  }

  /** A tensor of the given numbers and shape, row by row. */
  public static Tensor of(Device device, float[] numbers, long... shape) {
    checkCount(numbers.length, shape);
    Tensor tensor = room(FLOAT, shape);
    if (numbers.length > 0) {
      tensor.data_ptr_float().put(numbers);
    }
    return place(tensor, device);
  }

  /** A tensor of whole numbers (int64), for indices and labels; a vector if no shape is given. */
  public static Tensor indices(Device device, int[] numbers, long... shape) {
    long[] wide = new long[numbers.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = numbers[i];
    }
    long[] sizes = shape.length == 0 ? new long[] {wide.length} : shape;
    checkCount(wide.length, sizes);
    Tensor tensor = room(LONG, sizes);
    if (wide.length > 0) {
      tensor.data_ptr_long().put(wide);
    }
    return onDevice(tensor, device);
  }

  /** libtorch would read beyond the array. */
  private static void checkCount(int count, long[] shape) {
    long size = 1;
    for (long dimension : shape) {
      size *= dimension;
    }
    if (size != count) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d numbers do not fill a tensor of shape %s.",
              count,
              Arrays.toString(shape)));
    }
  }

  private static TensorOptions options(torch.ScalarType type) {
    return new TensorOptions().dtype(new ScalarTypeOptional(type));
  }

  /** A tensor of the host with any numbers, to be filled. */
  static Tensor room(torch.ScalarType type, List<Long> shape) {
    return room(options(type), shape.stream().mapToLong(Long::longValue).toArray());
  }

  private static Tensor room(TensorOptions options, long[] shape) {
    return torch.empty(shape, options, FORMAT);
  }

  /** A tensor of zeros. */
  public static Tensor zeros(Device device, long... shape) {
    return onDevice(torch.zeros(shape, device.hostOptions()), device);
  }

  /** A tensor with one element. */
  public static Tensor full(Device device, double number, long... shape) {
    return onDevice(torch.full(shape, new Scalar(number), device.hostOptions()), device);
  }

  /** The values of a tensor, from which a graph begins; shares its memory. */
  public static Tensor leaf(Tensor tensor) {
    return tensor.detach().set_requires_grad(true);
  }

  /** Zeros in the shape, type and place of another tensor. */
  public static Tensor zerosLike(Tensor tensor) {
    return torch.zeros_like(tensor);
  }

  /**
   * Independent standard normal numbers, a function of the seed alone: drawn in float64 on the host
   * by libtorch's own generator, then rounded and moved.
   */
  public static Tensor randn(Seed seed, Device device, long... shape) {
    var generator = new GeneratorOptional(torch.make_generator_cpu(seed.value()));
    return place(torch.randn(shape, generator, options(torch.ScalarType.Double)), device);
  }

  /** Independent numbers, uniform in [-bound, bound), drawn like {@link #randn}. */
  public static Tensor uniform(Seed seed, double bound, Device device, long... shape) {
    var generator = new GeneratorOptional(torch.make_generator_cpu(seed.value()));
    Tensor unit = torch.rand(shape, generator, options(torch.ScalarType.Double));
    return place(unit.mul(new Scalar(2 * bound)).sub(new Scalar(bound)), device);
  }

  /** The tensor in the floating-point type and place of the device. */
  public static Tensor place(Tensor tensor, Device device) {
    return onDevice(tensor.to(device.type()), device);
  }

  /**
   * The tensor on the device: floating-point numbers in the device's type, all others in their own.
   * Shares memory with the given tensor where nothing has to change; differentiable.
   */
  public static Tensor move(Tensor tensor, Device device) {
    boolean leaves = device.kind() == Device.Kind.CPU && tensor.is_cuda();
    Tensor here = leaves ? tensor.cpu() : tensor;
    return here.is_floating_point() ? place(here, device) : onDevice(here, device);
  }

  // ---- ownership ---------------------------------------------------------------------------

  /**
   * A copy that no scope frees: it lives for as long as Java refers to it, and then the garbage
   * collector frees it; {@link StateScope#release(Tensor)} does so at once. This is how to keep a
   * tensor from a loss or from a solver's state. It carries no graph.
   */
  public static Tensor copy(Tensor tensor) {
    try (var scope = new PointerScope()) {
      Tensor copy = tensor.detach().clone();
      copy.retainReference();
      return copy;
    }
  }

  /**
   * The tensor in the place of the device, its type unchanged. What a step sends to a GPU goes
   * through pinned memory, so that the host does not wait for the GPU.
   */
  static Tensor onDevice(Tensor tensor, Device device) {
    if (device.kind() != Device.Kind.CUDA || tensor.is_cuda()) {
      return tensor;
    }
    return tensor.numel() > PINNED || tensor.requires_grad()
        ? tensor.cuda()
        : tensor.pin_memory().to(CUDA, tensor.scalar_type(), true, false, FORMAT);
  }

  /** All elements, row by row. */
  public static double[] toArray(Tensor tensor) {
    try (var scope = new PointerScope()) {
      Tensor host = tensor.detach().cpu().to(torch.ScalarType.Double).contiguous();
      double[] numbers = new double[Math.toIntExact(host.numel())];
      if (numbers.length > 0) {
        host.data_ptr_double().get(numbers);
      }
      return numbers;
    }
  }

  /**
   * Copies all elements of a float32 tensor, row by row, into an array of as many numbers.
   *
   * @throws IllegalArgumentException if the tensor has another number of elements
   */
  public static void copyTo(Tensor tensor, float[] numbers) {
    if (tensor.numel() != numbers.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%d elements do not fill %d numbers.", tensor.numel(), numbers.length));
    }
    try (var scope = new PointerScope()) {
      Tensor host = tensor.detach().cpu().to(torch.ScalarType.Float).contiguous();
      if (numbers.length > 0) {
        host.data_ptr_float().get(numbers);
      }
    }
  }

  /** All whole numbers, row by row. */
  public static long[] toLongs(Tensor tensor) {
    try (var scope = new PointerScope()) {
      Tensor host = tensor.detach().cpu().to(torch.ScalarType.Long).contiguous();
      long[] numbers = new long[Math.toIntExact(host.numel())];
      if (numbers.length > 0) {
        host.data_ptr_long().get(numbers);
      }
      return numbers;
    }
  }

  /** The single element of a tensor. Waits for the device; do not use it inside a step. */
  public static double item(Tensor tensor) {
    return tensor.item_double();
  }

  /** Sizes of the dimensions. */
  public static List<Long> shape(Tensor tensor) {
    var sizes = new ArrayList<Long>();
    for (int i = 0; i < tensor.dim(); i++) {
      sizes.add(tensor.size(i));
    }
    return sizes;
  }

  // ---- arithmetic --------------------------------------------------------------------------

  /** {@code y + a x}. */
  public static Tensor axpy(Tensor y, double a, Tensor x) {
    return y.add(x, scalar(a, y));
  }

  /** {@code a x}. */
  public static Tensor scale(double a, Tensor x) {
    return x.mul(scalar(a, x));
  }

  /**
   * A number to be used with a tensor: infinite where the tensor's type has no number so large,
   * which libtorch would refuse, so that what follows is seen to diverge.
   */
  public static Scalar scalar(double a, Tensor like) {
    boolean isTooLarge =
        Math.abs(a) > Float.MAX_VALUE && like.scalar_type().intern() == torch.ScalarType.Float;
    return new Scalar(isTooLarge ? Math.copySign(Double.POSITIVE_INFINITY, a) : a);
  }

  /** {@code a x + b y}. */
  public static Tensor combine(double a, Tensor x, double b, Tensor y) {
    return axpy(scale(a, x), b, y);
  }

  /** Euclidean norm, a scalar tensor. */
  public static Tensor norm(Tensor x) {
    return torch.linalg_norm(x);
  }

  /** The norm of a vector, also where squares of its numbers leave the range of their type. */
  public static double safeNorm(Tensor v) {
    try (var scope = StateScope.open()) {
      double norm = item(norm(v));
      if (isSafeNorm(norm)) {
        return norm;
      }
      double largest = item(maxNorm(v));
      return largest > 0 && Double.isFinite(largest)
          ? largest * item(norm(v.div(scalar(largest, v))))
          : norm;
    }
  }

  /** Whether the squares in {@link #norm} were far from the ends of float32. */
  public static boolean isSafeNorm(double norm) {
    return norm > LEAST_SAFE && norm < 1 / LEAST_SAFE;
  }

  /** The largest absolute value of a vector, a scalar tensor; 0 of an empty one. */
  public static Tensor maxNorm(Tensor x) {
    if (x.numel() == 0) {
      return norm(x);
    }
    return x.abs().max(); // linalg_vector_norm takes ten times as long
  }

  /** Concatenation of vectors. */
  public static Tensor concat(Tensor... vectors) {
    return torch.cat(new TensorVector(vectors), 0);
  }

  /** Whether all elements are finite. Waits for the device. */
  public static boolean isFinite(Tensor tensor) {
    if (Plain.is(tensor)) {
      return Plain.isFinite(tensor);
    }
    try (var scope = new PointerScope()) {
      // Almost always the sum settles it: one pass instead of three.
      return Double.isFinite(item(tensor.sum())) || torch.isfinite(tensor).all().item_bool();
    }
  }
}
