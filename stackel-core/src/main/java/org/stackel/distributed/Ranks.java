package org.stackel.distributed;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The processes of one run, seen from one of them. All of them do the same steps on the same state,
 * of which each may have its part of what is like x ({@link UpperParts}); each computes on its
 * {@link Shard} of every minibatch, and what is a mean over the minibatch is summed over the ranks,
 * each answer of the oracle as one flat vector.
 *
 * <p>All ranks must make the same calls in the same order. A call throws {@link RankLostException}
 * when another rank is gone. For one thread at a time.
 */
public final class Ranks implements AutoCloseable {
  /** One process. */
  public static final Ranks ONE = new Ranks(0, 1, null, null, null);

  private static final long GLANCE_MILLIS = 200;

  private final int rank;
  private final int count;
  private final @Nullable Gloo gloo;
  private final @Nullable Links links;
  private final @Nullable Watch watch;
  private @Nullable Nccl nccl;
  private boolean asks;
  private boolean insists;
  private boolean isAsked;
  private boolean isInsisted;
  private long messages;
  private long nanos;
  private long numbers;

  private Ranks(
      int rank, int count, @Nullable Gloo gloo, @Nullable Links links, @Nullable Watch watch) {
    this.rank = rank;
    this.count = count;
    this.gloo = gloo;
    this.links = links;
    this.watch = watch;
  }

  /**
   * Ranks that have met.
   *
   * @param here the address of this process that the others can reach
   * @param connected rank 0: all others; others: rank 0
   * @param ended why a rank is gone, if this process can see that; null while all is well
   */
  static Ranks of(
      int rank,
      int count,
      InetAddress here,
      List<Link> connected,
      Duration limit,
      Supplier<@Nullable String> ended) {
    if (count == 1) {
      return ONE;
    }
    if (StateScope.innermost() != null) {
      throw new IllegalStateException("Ranks outlive a scope: they must join before it is opened.");
    }
    var known = new CompletableFuture<Book>();
    var links =
        new Links(
            rank, limit.toMillis(), (who, address) -> known.join().put(Gloo.key(who), address));
    links.start(connected, ended); // signs of life while the native libraries are loaded
    Tensors.zeros(Device.CPU64, 1);
    try (var book = new Book()) {
      known.complete(book);
      var telling =
          Links.background("rank-%d-address".formatted(rank), () -> tell(book, rank, links));
      var watch = new Watch(limit, links::lost);
      Gloo gloo = connected(rank, links, () -> new Gloo(book, rank, count, here, watch));
      telling.join(); // this rank may be connected before the others know its address
      return new Ranks(rank, count, gloo, links, watch);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (RuntimeException e) {
      String why = links.lost();
      links.fail(String.valueOf(e.getMessage()));
      links.close();
      throw why == null ? e : new RankLostException(why);
    }
  }

  /** On a thread of its own: one that waits for a rank that is gone would not end. */
  private static Gloo connected(int rank, Links links, Supplier<Gloo> gloo)
      throws InterruptedException {
    CompletableFuture<Gloo> made =
        CompletableFuture.supplyAsync(
            gloo, body -> Links.background("rank-%d-connects".formatted(rank), body));
    while (true) {
      try {
        return made.get(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        String why = links.lost();
        if (why != null) {
          throw new RankLostException(why);
        }
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new IllegalStateException(e.getCause());
      }
    }
  }

  private static void tell(Book book, int rank, Links links) {
    byte[] own = book.await(Gloo.key(rank), () -> false);
    if (own != null) {
      links.sendAddress(own);
    }
  }

  static String words(long millis) {
    return millis % 1000 == 0
        ? "%d s".formatted(millis / 1000)
        : String.format(Locale.ROOT, "%.1f s", millis / 1e3);
  }

  /** Number of this rank, from 0. */
  public int rank() {
    return rank;
  }

  /** Number of ranks. */
  public int count() {
    return count;
  }

  /** Whether this rank evaluates and writes. */
  public boolean isFirst() {
    return rank == 0;
  }

  /** This rank's part of every minibatch. */
  public Shard shard() {
    return new Shard(rank, count);
  }

  /** Vectors that were summed or copied so far. */
  public long messages() {
    return messages;
  }

  /** Numbers in them. */
  public long numbers() {
    return numbers;
  }

  /** Seconds that sums took, with the time that this rank waited for slower ones. */
  public double seconds() {
    return nanos / 1e9;
  }

  /**
   * The means over the whole minibatch, of means over its parts.
   *
   * @param means the answer
   * @param size samples of the whole minibatch
   */
  public record Whole(List<Tensor> means, long size) {}

  /**
   * Means over a minibatch from the ranks' means over their parts, weighted with their sizes, in
   * one message. Waits for the others for no longer than the time limit.
   *
   * @param size samples of this rank's part; its means count for nothing if 0
   * @param means of this rank's part, of any shapes
   */
  public Whole mean(long size, List<Tensor> means) {
    Tensor[] parts = new Tensor[means.size() + 1];
    for (int i = 0; i < means.size(); i++) {
      parts[i] = Tensors.scale((double) size, means.get(i).detach().reshape(-1));
    }
    // The size of the batch and the wish to stop travel with the numbers.
    double[] about = {size, asks ? 1 : 0, insists ? 1 : 0};
    parts[means.size()] = Tensors.of(Device.CPU64, about).to(parts[0]);
    Tensor flat = Tensors.concat(parts);
    sum(flat, Watch.Patience.LIMITED);
    long end = flat.numel() - about.length;
    double[] total = Tensors.toArray(flat.narrow(0, end, about.length));
    isAsked |= total[1] > 0;
    isInsisted |= total[2] > 0;
    flat.narrow(0, 0, end).div_(new Scalar(total[0]));
    var whole = new ArrayList<Tensor>();
    long at = 0;
    for (Tensor part : means) {
      whole.add(flat.narrow(0, at, part.numel()).view_as(part));
      at += part.numel();
    }
    return new Whole(whole, Math.round(total[0]));
  }

  /** Says whether this process wants the run to stop: with the next message. */
  public void say(Wish wish) {
    asks = wish != Wish.NONE;
    insists = wish == Wish.NOW;
  }

  /** What a process wants. */
  public enum Wish {
    /** To go on. */
    NONE,
    /** To stop after this step. */
    STOP,
    /** To give this step up. */
    NOW
  }

  /** What any of the processes wanted when the last message was sent: the same on every rank. */
  public Wish heard() {
    return isInsisted ? Wish.NOW : isAsked ? Wish.STOP : Wish.NONE;
  }

  /**
   * The sums over all ranks of some numbers. Waits for the others for as long as they are alive:
   * while the first evaluates, or one still reads its data.
   */
  public double[] total(double... own) {
    return total(Watch.Patience.ALIVE, own);
  }

  private double[] total(Watch.Patience patience, double... own) {
    if (gloo == null) {
      return own;
    }
    try (var scope = StateScope.open()) {
      double[] all = Arrays.copyOf(own, own.length + 1);
      all[own.length] = asks ? 1 : 0;
      Tensor sums = Tensors.of(Device.CPU64, all);
      sum(sums, patience);
      double[] total = Tensors.toArray(sums);
      isAsked |= total[own.length] > 0;
      return Arrays.copyOf(total, own.length);
    }
  }

  /** The numbers of each rank, by rank. Waits like {@link #total}. */
  public double[] each(double own) {
    double[] all = new double[count];
    all[rank] = own;
    return total(all);
  }

  /** The same within a step: waits for the others for no longer than the time limit. */
  double[] eachOfStep(double own) {
    double[] all = new double[count];
    all[rank] = own;
    return total(Watch.Patience.LIMITED, all);
  }

  /** The first rank's text, on every rank. Waits like {@link #total}. */
  public String textFromFirst(String own) {
    double[] letters = isFirst() ? own.chars().asDoubleStream().toArray() : new double[0];
    int length = (int) total(letters.length)[0];
    var text = new StringBuilder();
    for (double letter : total(Arrays.copyOf(letters, length))) {
      text.append((char) letter);
    }
    return text.toString();
  }

  /** Puts the numbers of the first rank's tensors in place of those of this rank's. */
  public void copyFromFirst(Collection<Tensor> tensors) {
    if (gloo != null) {
      for (Tensor tensor : tensors) {
        try (var scope = StateScope.open()) {
          Tensor copy = copied(tensor, 0);
          if (rank > 0) {
            tensor.detach().copy_(copy);
          }
        }
      }
    }
  }

  /**
   * A copy of one rank's tensor, on every rank.
   *
   * @param tensor of the same shape on all ranks
   */
  Tensor copied(Tensor tensor, int from) {
    if (gloo == null) {
      return tensor.clone();
    }
    Tensor flat = tensor.detach().reshape(-1).cpu().clone();
    messages++;
    numbers += flat.numel();
    gloo.copyFrom(flat, from);
    return flat.view_as(tensor).to(tensor);
  }

  private void sum(Tensor flat, Watch.Patience patience) {
    if (gloo == null || watch == null) {
      return;
    }
    messages++;
    numbers += flat.numel();
    boolean isOnGpu = flat.is_cuda();
    if (isOnGpu) {
      torch.cuda_synchronize(); // own work is no waiting for others
      if (nccl == null && Nccl.isWanted()) {
        nccl = new Nccl(rank, count, gloo, watch);
      }
    }
    long begin = System.nanoTime();
    if (!isOnGpu) {
      gloo.sum(flat, patience);
    } else if (nccl != null) {
      nccl.sum(flat);
    } else {
      Tensor host = flat.cpu();
      gloo.sum(host, patience);
      flat.copy_(host);
    }
    nanos += System.nanoTime() - begin;
  }

  /**
   * Whether ranks on GPUs sum from GPU to GPU, so that each needs one of its own; otherwise they
   * sum in the memory of the hosts, as the environment variable {@code STACKEL_NCCL=off} asks for.
   */
  public static boolean needOwnGpus() {
    return Nccl.isWanted();
  }

  /** Does this rank's work. The others are told of an error, which ends it for all. */
  public <T extends @Nullable Object> T telling(Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException | Error e) {
      fail(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      throw e;
    }
  }

  /** Tells the others that this rank leaves because of an error. */
  public void fail(String why) {
    if (links != null) {
      links.fail(why);
    }
  }

  /** Leaves. Others that still wait for this rank are told that it is gone. */
  @Override
  public void close() {
    if (nccl != null) {
      nccl.close();
    }
    if (links != null && gloo != null) {
      links.close();
      gloo.close();
    }
  }
}
