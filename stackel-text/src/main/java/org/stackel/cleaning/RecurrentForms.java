package org.stackel.cleaning;

import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.model.Classifier;
import org.stackel.model.Input;
import org.stackel.model.PenaltyTerm;
import org.stackel.model.RecurrentPass;
import org.stackel.model.Rnn;
import org.stackel.problem.ClosedForms;
import org.stackel.tensor.Tensors;

/**
 * Derivatives of data cleaning with a recurrent network: the network's by hand, as {@link
 * RecurrentPass} has them, those of the head and the losses behind its features by autograd.
 *
 * <p>With features φ, a direction v of y, and what φ and the gradients in φ do along it, a cross
 * product needs no backward pass through the network, and a Hessian product one.
 *
 * @param classifier a network that {@link RecurrentPass#fits} and its head
 * @param penalty of y
 */
record RecurrentForms(Classifier.Encoded classifier, PenaltyTerm penalty)
    implements ClosedForms<DataCleaning.Batch> {

  /** Null if there are none of this classifier. */
  static @Nullable RecurrentForms of(Classifier classifier, PenaltyTerm penalty) {
    return classifier instanceof Classifier.Encoded encoded && RecurrentPass.fits(encoded.encoder())
        ? new RecurrentForms(encoded, penalty)
        : null;
  }

  private long inEncoder() {
    return classifier.encoder().layout().size();
  }

  private List<Tensor> ofEncoder(Tensor parameters) {
    return classifier.encoder().layout().split(parameters.narrow(0, 0, inEncoder()));
  }

  private Tensor ofHead(Tensor parameters) {
    return parameters.narrow(0, inEncoder(), parameters.numel() - inEncoder());
  }

  private RecurrentPass pass(Tensor y, DataCleaning.Batch batch) {
    return new RecurrentPass(
        (Rnn) classifier.encoder(), ofEncoder(y), (Input.Sequence) batch.input());
  }

  private Tensor losses(Tensor head, Tensor features, DataCleaning.Batch batch) {
    return Classifier.crossEntropy(
        classifier.head().logits(classifier.head().layout().split(head), features), batch.labels());
  }

  private static TensorVector grad(
      TensorVector outputs, TensorVector along, boolean keepsGraph, Tensor... inputs) {
    return torch.grad(
        outputs, new TensorVector(inputs), along, new BoolOptional(true), keepsGraph, false);
  }

  @Override
  public Partials upperGradient(Tensor x, Tensor y, DataCleaning.Batch batch) {
    RecurrentPass pass = pass(y, batch);
    Tensor features = Tensors.leaf(pass.features());
    Tensor head = Tensors.leaf(ofHead(y));
    Tensor loss = losses(head, features, batch).mean();
    TensorVector g = grad(new TensorVector(loss), new TensorVector(), false, features, head);
    return new Partials(Tensors.zerosLike(x), inY(pass, g.get(0), g.get(1), y));
  }

  /** The gradient in y, without the penalty's. */
  private Tensor inY(RecurrentPass pass, Tensor inFeatures, Tensor inHead, Tensor y) {
    Tensor all = torch.zeros_like(y);
    pass.addGradient(inFeatures.detach(), ofEncoder(all));
    ofHead(all).copy_(inHead.detach());
    return all;
  }

  @Override
  public Lower lowerAt(Tensor x, Tensor y, DataCleaning.Batch batch) {
    var drawn = DrawnWeights.of(x, batch);
    RecurrentPass pass = pass(y, batch);
    Tensor features = Tensors.leaf(pass.features());
    Tensor head = Tensors.leaf(ofHead(y));
    Tensor weights = Tensors.leaf(drawn.values());
    Tensor losses = losses(head, features, batch);
    Tensor loss = losses.mul(weights).mean();
    TensorVector g = grad(new TensorVector(loss), new TensorVector(), true, features, head);
    Tensor inFeatures = new Tensor(g.get(0));
    Tensor inHead = new Tensor(g.get(1));
    return new Lower() {
      @Override
      public Tensor gradientY() {
        return penalty.addGradientTo(inY(pass, inFeatures, inHead, y), y);
      }

      @Override
      public Tensor gradientX() {
        return drawn.inExamples(losses.detach(), 1.0 / losses.numel());
      }

      @Override
      public Tensor hessianVector(Tensor v) {
        return new Product(v).hessian(null);
      }

      @Override
      public Tensor crossVector(Tensor v) {
        return new Product(v).cross();
      }

      @Override
      public Derivatives derivatives(Tensor v) {
        var product = new Product(v);
        Tensor gradient = torch.zeros_like(y);
        Tensor hessian = product.hessian(ofEncoder(gradient));
        ofHead(gradient).copy_(inHead.detach());
        return new Derivatives(penalty.addGradientTo(gradient, y), hessian, product.cross());
      }

      /** What the gradient does along v. */
      private final class Product {
        private final Tensor v;
        private final RecurrentPass.Tangent tangent;
        private final TensorVector moved;

        Product(Tensor v) {
          this.v = v;
          tangent = pass.tangent(ofEncoder(v));
          moved =
              grad(
                  new TensorVector(inFeatures, inHead),
                  new TensorVector(tangent.features(), ofHead(v)),
                  false,
                  features,
                  head,
                  weights);
        }

        /**
         * @param gradient gets the encoder's part of the gradient, too; null if it need not
         */
        Tensor hessian(@Nullable List<Tensor> gradient) {
          Tensor all = torch.zeros_like(y);
          pass.addDerivatives(inFeatures.detach(), tangent, moved.get(0), gradient, ofEncoder(all));
          ofHead(all).copy_(moved.get(1));
          return penalty.addHessianTo(all, y, v);
        }

        Tensor cross() {
          return drawn.inExamples(moved.get(2), 1);
        }
      }
    };
  }
}
