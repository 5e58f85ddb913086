package org.stackel.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.sweep.LocalWorkers;
import org.stackel.sweep.Sweep;
import org.stackel.sweep.Sweeps;

/** Spark within this process. */
class SparkWorkersTest {
  @TempDir static Path temp;
  private static SparkWorkers spark;

  @BeforeAll
  static void open() {
    spark = SparkWorkers.open("local[2]", 2, Map.of("spark.driver.host", "127.0.0.1"));
  }

  @AfterAll
  static void close() {
    spark.close();
  }

  @Test
  void theTableIsThatOfThreads() throws Exception {
    Sweep sweep = Sweeps.of("'grid': {'algorithm.upperLr': [0.01, 0.1, 1e6]}, 'seeds': [0, 1]");
    Sweep.Result result = Sweeps.run(sweep, temp.resolve("spark"), spark);
    assertThat(result).isEqualTo(Sweeps.run(sweep, temp.resolve("own"), new LocalWorkers(2)));
    assertThat(result.completed()).isEqualTo(4);
    assertThat(Sweeps.table(temp.resolve("spark"))).isEqualTo(Sweeps.table(temp.resolve("own")));
  }

  /** A barrier stage of two tasks. */
  @Test
  void ranksMakeTheRunOfOneProcess() throws Exception {
    String sum =
        "'grid': {'problem': [{'type': 'quadratic-sum', 'n': 12, 'd': 3, 'p': 4, 'batch': 5}], 'steps': [20]}";
    Sweep.Result two = Sweeps.run(Sweeps.of(sum + ", 'ranks': 2"), temp.resolve("two"), spark);
    assertThat(two.failed()).isEmpty();
    assertThat(two.completed()).isEqualTo(1);
    Sweeps.run(Sweeps.of(sum), temp.resolve("one"), new LocalWorkers(1));
    Path run = temp.resolve("two/point-001-seed0");
    assertThat(run.resolve("provenance.json")).content().contains("\"worldSize\": 2");
    assertThat(digits(run)).isEqualTo(digits(temp.resolve("one/point-001-seed0")));
  }

  /** All lines of metrics.jsonl, but for seconds and rounding. */
  private static String digits(Path run) throws Exception {
    return Files.readString(run.resolve("metrics.jsonl"))
        .replaceAll("\"seconds\":[^,]*,", "")
        .replaceAll("(\\.\\d{10})\\d+", "$1");
  }
}
