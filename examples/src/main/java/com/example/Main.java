package com.example;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.Compared;
import org.stackel.Result;
import org.stackel.Stackel;
import org.stackel.algorithm.Slip;
import org.stackel.bilevel.Bilevel;
import org.stackel.experiment.Settings;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** A ridge regression's penalty from two functions, without a name, a file or a plug-in. */
public final class Main {
  private static final HeavyBall HEAVY_BALL = new HeavyBall();
  private static final Slip SLIP = Slip.builder().upperLr(0.02).lowerLr(0.05).build();

  private Main() {}

  /** Runs or goes on, then compares with SLIP and checks. */
  public static void main(String[] args) {
    Bilevel<Tensor> ridge = ridge(40, 30);
    Path directory = Path.of(args.length == 0 ? "runs/ridge" : args[0]);
    Result result =
        Files.exists(directory)
            ? Stackel.resume(directory, ridge, HEAVY_BALL)
            : Stackel.run(ridge, HEAVY_BALL, Settings.ofSteps(2_000), directory);
    System.out.println(result);
    System.out.println("penalty " + Math.exp(result.x()[0]));
    Compared compared =
        Stackel.compare(ridge, List.of(HEAVY_BALL, SLIP), Settings.ofSteps(200), List.of(0L, 1L));
    System.out.println("compared in " + compared.directory());
    System.out.println(
        Stackel.check(ridge, HEAVY_BALL, Settings.ofSteps(100)).passed() ? "right" : "wrong");
  }

  private static Bilevel<Tensor> ridge(int examples, int features) {
    var seed = new Seed(0);
    Tensor w = Tensors.randn(seed.child("w"), Device.CPU64, features);
    Tensor a = Tensors.randn(seed.child("a"), Device.CPU64, examples, features);
    Tensor b = a.mv(w).add(Tensors.randn(seed.child("noise"), Device.CPU64, examples));
    Tensor c = Tensors.randn(seed.child("held out"), Device.CPU64, examples, features);
    return Bilevel.problem(new double[1], new double[features])
        .named("ridge")
        .data("a", a)
        .data("b", b)
        .data("c", c)
        .data("d", c.mv(w))
        .lower((x, y, m) -> error(m.rows("a"), m.rows("b"), y).add(x.exp().mul(y.dot(y))))
        .upper((x, y, m) -> error(m.rows("c"), m.rows("d"), y))
        .batches(examples, 20);
  }

  private static Tensor error(Tensor a, Tensor b, Tensor y) {
    return a.mv(y).sub(b).square().mean();
  }
}
