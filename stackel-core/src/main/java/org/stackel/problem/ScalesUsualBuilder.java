package org.stackel.problem;

import org.jspecify.annotations.Nullable;
import org.stackel.optim.Schedule;

/** Temporary: generated later. */
final class ScalesUsualBuilder {
  interface With {
    private Scales.Usual me() {
      return (Scales.Usual) this;
    }

    default Scales.Usual withUpperLr(@Nullable Schedule v) {
      var u = me();
      return new Scales.Usual(
          v,
          u.lowerLr(),
          u.linearSystemLr(),
          u.valueLr(),
          u.neumannStep(),
          u.neumannTerms(),
          u.warmStartSteps(),
          u.linearSystemRadius(),
          u.curvatureMin(),
          u.sharesSamples());
    }

    default Scales.Usual withLinearSystemLr(@Nullable Double v) {
      var u = me();
      return new Scales.Usual(
          u.upperLr(),
          u.lowerLr(),
          v,
          u.valueLr(),
          u.neumannStep(),
          u.neumannTerms(),
          u.warmStartSteps(),
          u.linearSystemRadius(),
          u.curvatureMin(),
          u.sharesSamples());
    }

    default Scales.Usual withNeumannStep(@Nullable Double v) {
      var u = me();
      return new Scales.Usual(
          u.upperLr(),
          u.lowerLr(),
          u.linearSystemLr(),
          u.valueLr(),
          v,
          u.neumannTerms(),
          u.warmStartSteps(),
          u.linearSystemRadius(),
          u.curvatureMin(),
          u.sharesSamples());
    }

    default Scales.Usual withNeumannTerms(@Nullable Integer v) {
      var u = me();
      return new Scales.Usual(
          u.upperLr(),
          u.lowerLr(),
          u.linearSystemLr(),
          u.valueLr(),
          u.neumannStep(),
          v,
          u.warmStartSteps(),
          u.linearSystemRadius(),
          u.curvatureMin(),
          u.sharesSamples());
    }

    default Scales.Usual withWarmStartSteps(@Nullable Long v) {
      var u = me();
      return new Scales.Usual(
          u.upperLr(),
          u.lowerLr(),
          u.linearSystemLr(),
          u.valueLr(),
          u.neumannStep(),
          u.neumannTerms(),
          v,
          u.linearSystemRadius(),
          u.curvatureMin(),
          u.sharesSamples());
    }

    default Scales.Usual withLinearSystemRadius(@Nullable Double v) {
      var u = me();
      return new Scales.Usual(
          u.upperLr(),
          u.lowerLr(),
          u.linearSystemLr(),
          u.valueLr(),
          u.neumannStep(),
          u.neumannTerms(),
          u.warmStartSteps(),
          v,
          u.curvatureMin(),
          u.sharesSamples());
    }

    default Scales.Usual withCurvatureMin(@Nullable Double v) {
      var u = me();
      return new Scales.Usual(
          u.upperLr(),
          u.lowerLr(),
          u.linearSystemLr(),
          u.valueLr(),
          u.neumannStep(),
          u.neumannTerms(),
          u.warmStartSteps(),
          u.linearSystemRadius(),
          v,
          u.sharesSamples());
    }

    default Scales.Usual withSharesSamples(@Nullable Boolean v) {
      var u = me();
      return new Scales.Usual(
          u.upperLr(),
          u.lowerLr(),
          u.linearSystemLr(),
          u.valueLr(),
          u.neumannStep(),
          u.neumannTerms(),
          u.warmStartSteps(),
          u.linearSystemRadius(),
          u.curvatureMin(),
          v);
    }
  }
}
