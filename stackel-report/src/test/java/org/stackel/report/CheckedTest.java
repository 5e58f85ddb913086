package org.stackel.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckedTest {
  private static final String CHECK =
      """
      {"passed": false, "wrong": ["after step 0: upper gradient in x: 2 (WRONG, bound 1e-06)"],
       "reference": "all data of both levels", "samples": 16,
       "points": [{"step": 0,
         "derivatives": [{"what": "upper gradient in x", "value": 2, "bound": 1e-6, "verdict": "wrong"},
                         {"what": "lower gradient in x", "value": 1e-11, "bound": 1e-6, "verdict": "right"}],
         "lowerSystem": {"smallestCurvature": -0.5, "largestCurvature": 4, "curvatureError": 0, "solvedBy": "least-squares", "damping": 0, "residual": 0},
         "hypergradientNorm": 2,
         "estimators": [{"name": "slip: z of the run", "own": true, "bias": 1, "biasError": 0.25, "deviation": 0.5, "error": 1.1, "cosine": "NaN", "solutionError": 1,
                         "calls": {"gradientF": 1, "gradientG": 0, "hessianVector": 3, "crossVector": 1}, "findings": []}],
         "minimiser": {"skipped": "y* is not known"},
         "descent": {"step": 0, "verdict": "poor", "reasons": ["y-lags", "z-lags"], "stepCosine": -0.25, "meanStepCosine": -0.5, "exactCosine": 0.125, "lowerDistance": 4, "relativeDistance": 0.75},
         "remarks": ["The lower Hessian is indefinite."]}],
       "constants": {"mu": 2, "L0": 3, "L1": 0.25},
       "smoothness": [{"step": 4, "gradient": 2, "smoothness": 3.5}], "constantsRemarks": []}
      """;

  @TempDir Path directory;

  @Test
  void saysWhatTheCheckFound() throws IOException {
    Path file = Files.writeString(directory.resolve("check.json"), CHECK);
    Checked checked = Checked.read(file);
    assertThat(checked.result()).startsWith("1 comparisons failed.").contains("all data");
    assertThat(checked.tables())
        .extracting(Fairness.TableView::title)
        .containsExactly("Derivatives", "Estimators after step 0", "Next steps", "Constants");
    assertThat(checked.tables().get(0).rows())
        .containsExactly(
            List.of("upper gradient in x", "✕ wrong 2 (bound 1e−6)"),
            List.of("lower gradient in x", "1e−11 (bound 1e−6)"));
    assertThat(checked.tables().get(1).about()).contains("norm 2", "least squares", "−0.5 to 4");
    assertThat(checked.tables().get(1).rows())
        .containsExactly(
            List.of("slip: z of the run", "0.5 ± 0.125", "0.25", "0.55", "—", "5", "not judged"));
    assertThat(checked.tables().get(2).rows())
        .containsExactly(
            List.of(
                "0",
                "not good enough to descend: y lags, z lags",
                "−0.250",
                "−0.500",
                "—",
                "—",
                "4",
                "0.75"));
    assertThat(checked.remarks())
        .contains(
            "After step 0: The lower Hessian is indefinite.",
            "After step 0, skipped: y* is not known.");
    assertThat(checked.spreads())
        .containsExactly(
            new Checked.Spread(
                "After step 0", List.of(new Checked.Mark("slip: z of the run", true, 0.5, 0.25))));
    assertThat(checked.smoothness().dots()).hasSize(1);
    assertThat(checked.smoothness().l1()).isEqualTo(0.25);
  }

  @Test
  void thePageHoldsIt() throws IOException {
    Path run = Fixtures.run(directory.resolve("run"), "slip", 0, Fixtures.line(0, 0, "\"loss\":1"));
    Files.writeString(run.resolve("check.json"), CHECK);
    Path page = directory.resolve("page.html");
    Report.write(List.of(run), page);
    assertThat(Files.readString(page))
        .contains("\"checks\":[{\"run\":\"slip, seed 0 (run)\"", "Estimators after step 0");
  }
}
