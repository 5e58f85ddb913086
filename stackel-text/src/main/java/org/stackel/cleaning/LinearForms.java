package org.stackel.cleaning;

import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.model.Classifier;
import org.stackel.model.PenaltyTerm;
import org.stackel.problem.ClosedForms;
import org.stackel.tensor.Tensors;

/**
 * Derivatives of data cleaning with softmax regression, {@code P = softmax(XY)} of a minibatch of b
 * examples with labels in the rows of L:
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
    Tensor logits = classifier.logits(y, batch.input());
    Tensor errors = errors(logits.softmax(1), batch);
    return new Partials(
        Tensors.zerosLike(x), classifier.transposed(errors, batch.input(), scale(batch)));
  }

  private static double scale(DataCleaning.Batch batch) {
    return 1.0 / batch.labels().size(0);
  }

  private Tensor errors(Tensor probabilities, DataCleaning.Batch batch) {
    return probabilities.sub(torch.one_hot(batch.labels(), classifier.classes()).to(probabilities));
  }

  @Override
  public Lower lowerAt(Tensor x, Tensor y, DataCleaning.Batch batch) {
    Tensor numbers = Objects.requireNonNull(batch.examples());
    Tensor weights = x.index_select(0, numbers).sigmoid().unsqueeze(1);
    Tensor slopes = weights.sub(weights.mul(weights)).squeeze(1);
    Tensor logits = classifier.logits(y, batch.input());
    Tensor probabilities = logits.softmax(1);
    Tensor errors = errors(probabilities, batch);
    double scale = scale(batch);
    return new Lower() {
      @Override
      public Tensor gradientY() {
        return penalty.addGradientTo(transposed(errors.mul(weights)), y);
      }

      @Override
      public Tensor gradientX() {
        return inExamples(classifier.losses(y, batch.input(), batch.labels()));
      }

      @Override
      public Tensor hessianVector(Tensor v) {
        return penalty.addHessianTo(transposed(curved(u(v))), y, v);
      }

      @Override
      public Tensor crossVector(Tensor v) {
        return cross(u(v));
      }

      /** One product with the features, and one with their transpose. */
      @Override
      public Derivatives derivatives(Tensor v) {
        Tensor u = u(v);
        Tensor both = torch.cat(new TensorVector(errors.mul(weights), curved(u)), 1);
        Tensor pulled = transposed(both).view(classifier.inputs(), 2L * classifier.classes());
        return new Derivatives(
            penalty.addGradientTo(half(pulled, 0), y),
            penalty.addHessianTo(half(pulled, classifier.classes()), y, v),
            cross(u));
      }

      private Tensor half(Tensor pulled, long from) {
        return pulled.narrow(1, from, classifier.classes()).reshape(-1);
      }

      private Tensor u(Tensor v) {
        return classifier.logits(v, batch.input());
      }

      /** The second derivative of the weighted losses in the logits, times u. */
      private Tensor curved(Tensor u) {
        Tensor share = probabilities.mul(u);
        return share.sub(probabilities.mul(share.sum(1).unsqueeze(1))).mul(weights);
      }

      private Tensor transposed(Tensor inLogits) {
        return classifier.transposed(inLogits, batch.input(), scale);
      }

      private Tensor cross(Tensor u) {
        return inExamples(errors.mul(u).sum(1));
      }

      /** From a number for each example drawn to the gradient in all λ. */
      private Tensor inExamples(Tensor losses) {
        return torch.zeros_like(x).index_add(0, numbers, losses.mul(slopes), new Scalar(scale));
      }
    };
  }
}
