package org.stackel.cleaning;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.stackel.model.Classifier;
import org.stackel.model.Penalty;
import org.stackel.model.PenaltyTerm;
import org.stackel.problem.ClosedForms;
import org.stackel.tensor.Tensors;

/**
 * Derivatives of data cleaning with softmax regression, {@code P = softmax(XY)} of a minibatch of b
 * examples with labels in the rows of L, all of which are computed transposed, with a row for each
 * class:
 *
 * <pre>
 *   ∇y G = Xᵀ(w ∘ (P - L))/b + c ∇P(y),   ∇²yy G v = Xᵀ(w ∘ P ∘ (U - ⟨P, U⟩))/b + c ∇²P(y) v,   U = XV
 *   ∂G/∂λᵢ = ℓᵢ wᵢ(1 - wᵢ)/b,             (∇²xy G v)ᵢ = ⟨Pᵢ - Lᵢ, Uᵢ⟩ wᵢ(1 - wᵢ)/b
 * </pre>
 *
 * @param classifier softmax regression
 * @param penalty of y
 */
record LinearForms(Classifier.Linear classifier, PenaltyTerm penalty)
    implements ClosedForms<DataCleaning.Batch> {

  @Override
  public Partials upperGradient(Tensor x, Tensor y, DataCleaning.Batch batch) {
    Tensor errors =
        probabilities(y, batch).scatter_(0, row(batch.labels()), new Scalar(-1.0), "add");
    return new Partials(
        Tensors.zerosLike(x), classifier.transposed(errors, batch.input(), scale(batch), 0, y));
  }

  private static double scale(DataCleaning.Batch batch) {
    return 1.0 / batch.labels().size(0);
  }

  private Tensor probabilities(Tensor y, DataCleaning.Batch batch) {
    return classifier.byClass(y, batch.input()).softmax(0);
  }

  private static Tensor row(Tensor vector) {
    return vector.unsqueeze(0);
  }

  @Override
  public Lower lowerAt(Tensor x, Tensor y, DataCleaning.Batch batch) {
    var weights = DrawnWeights.of(x, batch);
    Tensor labels = row(batch.labels());
    Tensor probabilities = probabilities(y, batch);
    double scale = scale(batch);
    return new Lower() {
      @Override
      public Tensor gradientY() {
        // w ∘ (P - L)
        Tensor weighted =
            probabilities.scatter(0, labels, new Scalar(-1.0), "add").mul_(weights.values());
        return isSquared()
            ? transposed(weighted, 2 * penalty.regularization(), y)
            : penalty.addGradientTo(transposed(weighted, 0, y), y);
      }

      @Override
      public Tensor gradientX() {
        return weights.inExamples(classifier.losses(y, batch.input(), batch.labels()), scale);
      }

      @Override
      public Tensor hessianVector(Tensor v) {
        return hessian(u(v), v);
      }

      private Tensor hessian(Tensor u, Tensor v) {
        Tensor curved = probabilities.mul(u);
        curved.addcmul_(probabilities, curved.sum(0), new Scalar(-1.0)).mul_(weights.values());
        return isSquared()
            ? transposed(curved, 2 * penalty.regularization(), v)
            : penalty.addHessianTo(transposed(curved, 0, v), y, v);
      }

      @Override
      public Tensor crossVector(Tensor v) {
        return cross(u(v));
      }

      private Tensor cross(Tensor u) {
        return weights.inExamples(
            probabilities.mul(u).sum(0).sub_(u.gather(0, labels).view(-1)), scale);
      }

      @Override
      public Derivatives derivatives(Tensor v) {
        Tensor u = u(v);
        return new Derivatives(gradientY(), hessian(u, v), cross(u));
      }

      private Tensor u(Tensor v) {
        return classifier.byClass(v, batch.input());
      }

      private Tensor transposed(Tensor byClass, double factor, Tensor parameters) {
        return classifier.transposed(byClass, batch.input(), scale, factor, parameters);
      }
    };
  }

  /** Whether the penalty's derivatives are multiples of y and v, which one call adds. */
  private boolean isSquared() {
    return penalty.penalty() == Penalty.SQUARED;
  }
}
