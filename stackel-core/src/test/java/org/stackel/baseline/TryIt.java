package org.stackel.baseline;

import java.util.HashMap;
import java.util.Map;
import org.stackel.algorithm.*;
import org.stackel.oracle.*;
import org.stackel.problem.*;
import org.stackel.tensor.*;

public class TryIt {
  static Map<String, Object> parse(String s) {
    var m = new HashMap<String, Object>();
    for (String kv : s.split(",")) {
      if (kv.isEmpty()) continue;
      String[] p = kv.split("=");
      Object v;
      try {
        v = Double.valueOf(p[1]);
      } catch (NumberFormatException e) {
        v = p[1];
      }
      m.put(p[0], v);
    }
    return m;
  }

  public static void main(String[] a) {
    Blas.setThreads(Integer.parseInt(System.getProperty("threads", "1")));
    int seeds = Integer.parseInt(System.getProperty("seeds", "1"));
    for (int s = 0; s < seeds; s++) {
      try (var scope = StateScope.open()) {
        long t0 = System.nanoTime();
        var run = new Seed(s);
        var problem =
            (DataCleaning.Opened)
                Problems.create("data-cleaning", parse(a[0])).open(run.child("data"), Device.CPU);
        System.out.printf(
            "opened %.2f s: %s classes %d%n",
            (System.nanoTime() - t0) / 1e9,
            problem.examples().remarks(),
            problem.examples().classes().size());
        for (int i = 1; i + 1 < a.length; i += 2) {
          String[] alg = a[i].split(":", 2);
          one(
              Algorithms.create(alg[0], parse(alg[1])),
              problem,
              run,
              Long.parseLong(a[i + 1]),
              alg[0]);
        }
        if (Boolean.getBoolean("baselines")) {
          new Cleaning(problem, run.child("retrain"), System::nanoTime)
              .baselines()
              .forEach(
                  r ->
                      System.out.printf(
                          "  %-36s %s %.2f s%n", r.method(), r.metrics().values(), r.seconds()));
        }
        problem.close();
      }
    }
  }

  static <S extends Record & AlgorithmState> void one(
      BilevelAlgorithm<S> alg, DataCleaning.Opened problem, Seed seed, long steps, String name) {
    long t0 = System.nanoTime();
    S state;
    try (var scope = StateScope.open()) {
      state =
          scope.keep(
              alg.init(
                  problem.start(seed.child("start")),
                  new AutogradOracle<>(problem, seed.child("init"), alg.sampling(), Shard.ALL)));
    }
    long t1 = System.nanoTime();
    for (long t = 0; t < steps; t++) {
      S next;
      try (var scope = StateScope.open()) {
        next =
            scope.keep(
                alg.step(
                    t,
                    state,
                    new AutogradOracle<>(
                        problem, seed.child("step").child(t), alg.sampling(), Shard.ALL)));
      }
      StateScope.release(state);
      state = next;
    }
    long t2 = System.nanoTime();
    try (var scope = StateScope.open()) {
      var metrics = problem.evaluate(state.x(), state.y());
      double[] w = Cleaning.weights(Tensors.toArray(state.x()));
      var cleaning = new Cleaning(problem, seed.child("retrain"), System::nanoTime);
      long t3 = System.nanoTime();
      double r = cleaning.retrainAccuracy(w, Cleaning.Trusted.APART);
      long t4 = System.nanoTime();
      double rv = cleaning.retrainAccuracy(w, Cleaning.Trusted.JOIN);
      System.out.printf(
          "  %-10s retrain %.3f +trusted %.3f %s init %.2f s, %.2f ms/step, retrain %.2f s, live %d%n",
          name,
          r,
          rv,
          metrics.values(),
          (t1 - t0) / 1e9,
          (t2 - t1) / 1e6 / steps,
          (t4 - t3) / 1e9,
          StateScope.livePointers());
    }
  }
}
