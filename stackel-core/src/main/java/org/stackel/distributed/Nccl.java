package org.stackel.distributed;

import static org.stackel.distributed.Watch.firstLine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * libtorch's c10d with NCCL: sums over the first GPU of each process. Every process gets the same
 * bits.
 *
 * <p>A sum that waits for a lost rank occupies the GPU: it is watched from outside, and given up by
 * ending the communicator, after which the state can be read. What c10d has for that would end the
 * process.
 */
final class Nccl implements AutoCloseable {
  /** Set to {@code off}, sums go through the memory of the hosts instead. */
  static final String VARIABLE = "STACKEL_NCCL";

  private static final String ID = "0"; // where c10d notes the number of its first communicator
  private static final int ID_BYTES = 128;
  private static final long GLANCE_NANOS = 20_000;
  private static final long ABORT_MILLIS = 20_000;

  /**
   * @param store the group refers to it without owning it
   */
  private record Group(ProcessGroupNCCL nccl, FileStore store) {}

  private final Gloo gloo;
  private final Watch watch;
  private final Group group;
  private boolean isBroken;

  /**
   * Connects with all others, which all do this at once.
   *
   * @param gloo carries the first rank's number of the communicator to the others
   */
  Nccl(int rank, int count, Gloo gloo, Watch watch) {
    this.gloo = gloo;
    this.watch = watch;
    try (var book = new Book();
        var scope = StateScope.open()) {
      if (rank > 0) {
        book.put(ID, exchanged(new byte[ID_BYTES]));
      }
      // It waits for all others, and nothing could end that; what it makes belongs to no scope.
      var connecting = new CompletableFuture<Group>();
      Links.background(
          "rank-%d-nccl".formatted(rank), () -> connect(book, rank, count, connecting));
      if (rank == 0) {
        byte[] id = book.await(ID, connecting::isDone);
        if (id != null) {
          exchanged(id);
        }
      }
      group = await(connecting);
    }
  }

  /** Whether sums go through NCCL. */
  static boolean isWanted() {
    return !"off".equals(System.getenv(VARIABLE));
  }

  /** The bytes of the first rank. */
  private byte[] exchanged(byte[] own) {
    double[] numbers = new double[ID_BYTES];
    for (int i = 0; i < ID_BYTES; i++) {
      numbers[i] = own[i];
    }
    Tensor tensor = Tensors.of(Device.CPU64, numbers);
    gloo.copyFrom(tensor, 0);
    numbers = Tensors.toArray(tensor);
    byte[] first = new byte[ID_BYTES];
    for (int i = 0; i < ID_BYTES; i++) {
      first[i] = (byte) numbers[i];
    }
    return first;
  }

  @SuppressWarnings("CatchAndPrintStackTrace") // nothing is printed
  private static void connect(Book book, int rank, int count, CompletableFuture<Group> made) {
    try {
      torch.set_env("TORCH_NCCL_ASYNC_ERROR_HANDLING", "0"); // else an error ends the process
      torch.set_env("TORCH_NCCL_ENABLE_MONITORING", "0"); // likewise if c10d's thread is late
      torch.set_env("TORCH_NCCL_DUMP_ON_TIMEOUT", "0"); // else the store is asked again and again
      torch.set_env("TORCH_NCCL_RANKS_PER_ROOT", "1000"); // with one number for all
      FileStore store = book.open();
      var nccl = new ProcessGroupNCCL(store, rank, count, ProcessGroupNCCL.Options.create());
      nccl.setTimeout(Gloo.NO_LIMIT);
      try (var scope = StateScope.open()) {
        Tensor one = Tensors.zeros(new Device(Device.Kind.CUDA, Device.Precision.FLOAT32), 1);
        nccl.allreduce(new TensorVector(one)).synchronize(); // the first sum connects
        torch.cuda_synchronize();
      }
      made.complete(new Group(nccl, store));
    } catch (RuntimeException | LinkageError e) {
      made.completeExceptionally(e);
    }
  }

  private Group await(CompletableFuture<Group> connecting) {
    long begin = System.nanoTime();
    while (!connecting.isDone()) {
      check(begin);
      LockSupport.parkNanos(1_000_000);
    }
    try {
      return connecting.getNow(null);
    } catch (RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof LinkageError) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        throw new InvalidInputException(
                "Ranks on GPUs need NCCL, which cannot be loaded: " + firstLine(root),
                "a library of CUDA or the jar org.bytedeco:cuda is missing (docs/cuda.md); with %s=off sums go through the hosts' memory."
                    .formatted(VARIABLE))
            .at("--ranks");
      }
      throw new IllegalStateException("NCCL could not connect the GPUs: " + firstLine(cause), e);
    }
  }

  private void check(long begin) {
    String why = watch.reason(begin, Watch.Patience.LIMITED);
    if (why != null) {
      isBroken = true;
      throw new RankLostException(why);
    }
  }

  /** Puts the sum over all processes in place of the numbers of each, and waits for it. */
  void sum(Tensor numbers) {
    long begin = System.nanoTime();
    try {
      Work work = group.nccl.allreduce(new TensorVector(numbers));
      work.synchronize(); // what follows on the GPU waits for it
      var stream = torch_cuda.getCurrentCUDAStream();
      while (!stream.query()) {
        check(begin);
        if (group.nccl.getError().intern() != torch.ErrorType.SUCCESS) {
          throw new IllegalStateException("NCCL reports " + group.nccl.getError());
        }
        LockSupport.parkNanos(GLANCE_NANOS);
      }
    } catch (RankLostException e) {
      abort();
      throw e;
    } catch (RuntimeException e) {
      RankLostException lost = watch.broken(firstLine(e));
      abort();
      throw lost;
    }
  }

  /** Ends the sum that the GPU works on, so that it can be asked for the state. */
  private void abort() {
    isBroken = true;
    Thread ending = Links.background("nccl-abort", group.nccl::abort);
    try {
      ending.join(ABORT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ending.isAlive()) {
      throw new IllegalStateException(
          "A rank was lost, and NCCL does not give the GPU back: the last regular checkpoint is the newest state.");
    }
  }

  /** Waits until all have their sums: until then the others may read from this GPU. */
  @Override
  public void close() {
    if (!isBroken) {
      try (var scope = StateScope.open()) {
        gloo.sum(Tensors.zeros(Device.CPU64, 1), Watch.Patience.LIMITED);
      } catch (RankLostException e) {
        // nobody else needs this GPU
      }
      abort();
      group.nccl.deallocate();
      group.store.deallocate();
    }
  }
}
