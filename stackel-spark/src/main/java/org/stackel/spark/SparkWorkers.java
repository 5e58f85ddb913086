package org.stackel.spark;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.util.ShutdownHookManager;
import org.stackel.config.InvalidInputException;
import org.stackel.sweep.Workers;
import scala.reflect.ClassTag;
import scala.runtime.BoxedUnit;

/**
 * Executors of Spark. Each run is a job of one task, so that the end of one is not that of others;
 * a run of several ranks is a barrier stage, whose tasks are the ranks. Only strings cross.
 */
public final class SparkWorkers implements Workers {
  /** Jobs that wait cost a thread each. */
  private static final int MAX_JOBS = 512;

  /** How often Spark looks, every 15 s, for enough executors for the ranks of a run. */
  private static final String PATIENCE =
      "spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures";

  private static final String ATTEMPTS = "spark.task.maxFailures";
  private static final int PAUSE_MILLIS = 100;
  private static final int PAUSES = 300;

  /** Before Spark's own hook, which takes executors away from their runs. */
  private static final int FIRST = 1_000;

  private final JavaSparkContext spark;
  private final boolean isOwn;
  private final CountDownLatch done = new CountDownLatch(1);

  /** Tasks that run; Spark's own numbers may be those of a tenth of a second ago. */
  private final Set<Long> running = ConcurrentHashMap.newKeySet();

  private final SparkListener listener =
      new SparkListener() {
        @Override
        public void onTaskStart(SparkListenerTaskStart start) {
          running.add(start.taskInfo().taskId());
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
          running.remove(end.taskInfo().taskId());
        }
      };

  private SparkWorkers(JavaSparkContext spark, boolean isOwn) {
    this.spark = spark;
    this.isOwn = isOwn;
    spark.sc().addSparkListener(listener);
    if (isOwn) {
      ShutdownHookManager.addShutdownHook(FIRST, this::awaitEnd);
    }
  }

  /** At a signal Spark stops when the runs have saved their states. */
  private BoxedUnit awaitEnd() {
    try {
      if (!done.await(PAUSES * (long) PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        stop();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return BoxedUnit.UNIT;
  }

  /** Those of a context that is there already, and stays. */
  public static SparkWorkers of(JavaSparkContext spark) {
    return new SparkWorkers(spark, false);
  }

  /**
   * Connects to a cluster, or starts Spark within this process.
   *
   * @param master such as {@code local[2]} or {@code spark://host:7077}
   * @param attempts how often a run is tried whose process is lost
   * @param settings more settings of Spark; they come before Stackel's own
   * @throws InvalidInputException if there is no such cluster
   */
  public static SparkWorkers open(String master, int attempts, Map<String, String> settings) {
    var conf = new SparkConf().setAppName("stackel sweep").setMaster(retrying(master, attempts));
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.setIfMissing(PATIENCE, "4");
    conf.setIfMissing(ATTEMPTS, Integer.toString(attempts));
    SparkHome.defaults().forEach(conf::setIfMissing);
    ExecutorSettings.all().forEach(conf::setIfMissing);
    settings.forEach(conf::set);
    try {
      return new SparkWorkers(new JavaSparkContext(conf), true);
    } catch (RuntimeException e) {
      throw new InvalidInputException(
              "Spark did not start with the master '%s': %s."
                  .formatted(master, SparkErrors.reason(e)),
              "local[2] was meant, or spark://HOST:7077, where a master listens.")
          .at("--master")
          .causedBy(e);
    }
  }

  /** Threads of this process fail for good at once, unless they are told otherwise. */
  private static String retrying(String master, int attempts) {
    return master.matches("local\\[[0-9*]+]")
        ? master.replace("]", "," + attempts + "]")
        : master.equals("local") ? "local[1," + attempts + "]" : master;
  }

  @Override
  public int atOnce() {
    return MAX_JOBS;
  }

  @Override
  public String run(String task, int ranks) {
    try {
      return ranks == 1
          ? spark.parallelize(List.of(task), 1).map(new RunFunction()).first()
          : shared(task, ranks);
    } catch (Exception e) { // Scala's need not be declared
      throw SparkErrors.refused(e, "run");
    }
  }

  private String shared(String task, int ranks) {
    ClassTag<String> text = ClassTag.apply(String.class);
    RDD<String> tasks = spark.parallelize(Collections.nCopies(ranks, task), ranks).rdd();
    return tasks
        .barrier()
        .mapPartitions(new RankFunction(), false, text)
        .toJavaRDD()
        .collect()
        .get(0);
  }

  // ---- end ---------------------------------------------------------------------------------

  @Override
  public void stop() {
    spark.sc().cancelAllJobs();
  }

  /** Leaves runs that were called off a while to save their states. */
  @Override
  public void close() {
    try {
      for (int i = 0; i < PAUSES && isBusy(); i++) {
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    done.countDown();
    if (isOwn) {
      spark.stop();
    } else {
      spark.sc().removeSparkListener(listener);
    }
  }

  private boolean isBusy() {
    return !spark.sc().isStopped() && !running.isEmpty();
  }
}
