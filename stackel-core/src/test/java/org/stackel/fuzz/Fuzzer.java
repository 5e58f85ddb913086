package org.stackel.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.stackel.config.InvalidInputException;

/**
 * Reads damaged files. Each is either read or refused with a sentence and a line that begins with
 * "Maybe"; anything else, ten seconds of a processor, or half a gigabyte of objects is a failure.
 *
 * <p>Cases are numbered: {@code -Dstackel.fuzz.first=N -Dstackel.fuzz.cases=1} repeats one. Files
 * that failed and the counts are left in {@code target/fuzz}.
 */
public final class Fuzzer {
  private static final long FIRST = Long.getLong("stackel.fuzz.first", 1);
  private static final Path KEPT = Path.of("target", "fuzz");
  private static final long MAX_NANOSECONDS = 10_000_000_000L;
  private static final long MAX_BYTES = 1L << 29;
  private static final int HANGS_AFTER_SECONDS = 120; // of a busy machine

  /** Whether a damaged file was read. */
  public enum End {
    READ,
    REFUSED
  }

  /** What reads a file. */
  @FunctionalInterface
  public interface Reading {
    /**
     * Reads it.
     *
     * @throws InvalidInputException which counts as a refusal
     */
    End read(Path file) throws Exception;
  }

  /**
   * A kind of file.
   *
   * @param name what it is called in the counts
   * @param file name of the file; packed if it ends in .gz
   * @param whole a file without damage, a character a byte
   * @param withSizes whether numbers may become sizes that no memory holds
   * @param reading what is done with it
   */
  public record Kind(String name, String file, String whole, boolean withSizes, Reading reading) {}

  private static final class Count {
    private int read;
    private int refused;
    private int failed;
    private long nanoseconds;
  }

  private final Path directory;
  private final List<String> failures = new ArrayList<>();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /**
   * @param directory where damaged files are written
   */
  public Fuzzer(Path directory) {
    this.directory = directory;
  }

  /**
   * Goes through the kinds again and again.
   *
   * @param name of the counts
   * @param cases how many, unless the system property says otherwise
   */
  public void run(String name, int cases, List<Kind> kinds) throws Exception {
    int number = Integer.getInteger("stackel.fuzz.cases", cases);
    var counts = new LinkedHashMap<String, Count>();
    for (Kind kind : kinds) {
      Path file = Files.write(directory.resolve(kind.file()), packed(kind, bytes(kind)));
      counts.put(kind.name(), new Count());
      assertThat(kind.reading().read(file)).as(kind.name() + " without damage").isEqualTo(End.READ);
    }
    ExecutorService executor = Executors.newSingleThreadExecutor(Fuzzer::daemon);
    try {
      for (long seed = FIRST; seed < FIRST + number; seed++) {
        Kind kind = kinds.get((int) (seed % kinds.size()));
        one(executor, kind, seed, Objects.requireNonNull(counts.get(kind.name())));
      }
    } finally {
      executor.shutdownNow();
    }
    write(name, counts);
    assertThat(failures).as("see " + KEPT).isEmpty();
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "fuzz");
    thread.setDaemon(true);
    return thread;
  }

  private void one(ExecutorService executor, Kind kind, long seed, Count count) throws IOException {
    byte[] damaged = damaged(kind, new Random(seed));
    Path file = Files.write(directory.resolve(kind.file()), damaged);
    var spent = new long[2];
    var work =
        executor.submit(
            () -> {
              long nanoseconds = threads.getCurrentThreadCpuTime();
              long bytes = threads.getCurrentThreadAllocatedBytes();
              try {
                return kind.reading().read(file);
              } catch (InvalidInputException e) {
                requireWayOut(e.getMessage());
                return End.REFUSED;
              } finally {
                spent[0] = threads.getCurrentThreadCpuTime() - nanoseconds;
                spent[1] = threads.getCurrentThreadAllocatedBytes() - bytes;
              }
            });
    String failure;
    try {
      End end = work.get(HANGS_AFTER_SECONDS, TimeUnit.SECONDS);
      count.read += end == End.READ ? 1 : 0;
      count.refused += end == End.REFUSED ? 1 : 0;
      failure =
          spent[0] > MAX_NANOSECONDS
              ? "took " + TimeUnit.NANOSECONDS.toSeconds(spent[0]) + " s"
              : spent[1] > MAX_BYTES ? "made objects of " + (spent[1] >> 20) + " MB" : "";
    } catch (ExecutionException e) {
      var trace = new StringWriter();
      e.getCause().printStackTrace(new PrintWriter(trace, true));
      failure = trace.toString().lines().limit(14).reduce("", (a, b) -> a + b + "\n");
    } catch (TimeoutException | InterruptedException e) {
      throw new AssertionError(kind.name() + " hangs: case " + seed, e);
    }
    count.nanoseconds += spent[0];
    if (!failure.isEmpty()) {
      count.failed++;
      Path kept = KEPT.resolve(seed + "-" + kind.file());
      Files.createDirectories(KEPT);
      Files.write(kept, damaged);
      failures.add(kind.name() + ", " + kept + ": " + failure);
    }
  }

  /** Of a packed file either what is in it or the packed bytes. */
  private static byte[] damaged(Kind kind, Random random) throws IOException {
    var damage = new Damage(random, kind.withSizes());
    boolean isInside = random.nextBoolean();
    return isInside ? packed(kind, damage.of(bytes(kind))) : damage.of(packed(kind, bytes(kind)));
  }

  private static byte[] bytes(Kind kind) {
    return kind.whole().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] packed(Kind kind, byte[] plain) throws IOException {
    if (!kind.file().endsWith(".gz")) {
      return plain;
    }
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    return packed.toByteArray();
  }

  /**
   * Requires what every refusal must have.
   *
   * @param message all that was said
   */
  public static void requireWayOut(String message) {
    assertThat(message).contains("\nMaybe ").hasSizeLessThan(20_000);
    assertThat(message.chars().filter(c -> Character.isISOControl(c) && c != '\n' && c != '\t'))
        .isEmpty();
    assertThat(message).doesNotContainPattern("\\b[A-Za-z]+(Exception|Error): ");
  }

  private static void write(String name, Map<String, Count> counts) throws IOException {
    var lines = new StringBuilder();
    String row = "%-32s %8s %8s %8s %9s%n";
    lines.append(String.format(Locale.ROOT, row, name, "read", "refused", "failed", "CPU s"));
    counts.forEach(
        (kind, n) -> {
          String seconds = String.format(Locale.ROOT, "%.1f", n.nanoseconds / 1e9);
          lines.append(String.format(Locale.ROOT, row, kind, n.read, n.refused, n.failed, seconds));
        });
    Files.createDirectories(KEPT);
    Files.writeString(KEPT.resolve(name + ".txt"), lines);
  }
}
