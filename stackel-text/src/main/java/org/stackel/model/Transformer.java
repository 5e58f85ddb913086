package org.stackel.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.Options;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A transformer that reads tokens in both directions, as BERT does: sums of vectors of the token,
 * of its position and of token type 0, then blocks of
 *
 * <pre>
 *   a = attention(z),  attention(z) = softmax(Q Kᵀ/√(hidden/heads)) V  in each head
 *   b = W_2 gelu(W_1 z + b_1) + b_2
 * </pre>
 *
 * <p>each added to its input and normalised. GELU is the exact one. Padding gets no attention.
 * Names and shapes of the parameters are those of BERT in the library Transformers, so its weights
 * fit. There is no dropout: a loss is a function of its arguments. Built from plain operations,
 * which have second derivatives.
 *
 * @param vocabulary how many tokens there are
 * @param positions the most tokens of a text
 * @param types token types with a vector; all tokens have type 0
 * @param hidden width of the vectors
 * @param layers blocks
 * @param heads parts that a vector is cut into for attention
 * @param inner width inside the second half of a block
 * @param norm where vectors are normalised
 * @param pooling how the outputs become one vector
 * @param pooler what is done with that vector
 */
public record Transformer(
    int vocabulary,
    int positions,
    int types,
    int hidden,
    int layers,
    int heads,
    int inner,
    Norm norm,
    Pooling pooling,
    Pooler pooler)
    implements Encoder {
  private static final double EPSILON = 1e-12;
  private static final double DEVIATION = 0.02;

  /** Where vectors are normalised. */
  public enum Norm {
    /** After each sum, and the embeddings: {@code norm(z + f(z))}. BERT. */
    POST,
    /**
     * Before attention and the second half of a block, and at the end: {@code z + f(norm(z))}.
     * Trains without a warm-up of the step size.
     */
    PRE
  }

  /** What is done with the pooled vector. */
  public enum Pooler {
    /** Nothing. */
    NONE,
    /** {@code tanh(W v + b)}, as BERT does with its first position. */
    TANH
  }

  public Transformer {
    if (hidden % heads != 0) {
      throw new IllegalArgumentException(
          "The width (%d) of a transformer must be a multiple of its heads (%d)."
              .formatted(hidden, heads));
    }
    if (pooling == Pooling.PADDED_MAX) {
      throw new IllegalArgumentException(
          "What a transformer computes at padding is not zero: PADDED_MAX is for recurrent"
              + " networks.");
    }
  }

  /** Names and shapes, in the order in which they are used. */
  @Override
  public Layout layout() {
    // Collected first: the parts of a layout are compared with each other whenever one is added.
    var parts = new ArrayList<Layout.Part>();
    parts.add(part("embeddings.word_embeddings.weight", vocabulary, hidden));
    parts.add(part("embeddings.position_embeddings.weight", positions, hidden));
    parts.add(part("embeddings.token_type_embeddings.weight", types, hidden));
    if (norm == Norm.POST) {
      addNorm(parts, "embeddings.LayerNorm");
    }
    for (int l = 0; l < layers; l++) {
      String block = "encoder.layer." + l + ".";
      if (norm == Norm.PRE) {
        addNorm(parts, block + "attention.output.LayerNorm");
      }
      addLinear(parts, block + "attention.self.query", hidden, hidden);
      addLinear(parts, block + "attention.self.key", hidden, hidden);
      addLinear(parts, block + "attention.self.value", hidden, hidden);
      addLinear(parts, block + "attention.output.dense", hidden, hidden);
      addNorm(
          parts,
          norm == Norm.POST ? block + "attention.output.LayerNorm" : block + "output.LayerNorm");
      addLinear(parts, block + "intermediate.dense", inner, hidden);
      addLinear(parts, block + "output.dense", hidden, inner);
      if (norm == Norm.POST) {
        addNorm(parts, block + "output.LayerNorm");
      }
    }
    if (norm == Norm.PRE) {
      addNorm(parts, "encoder.LayerNorm");
    }
    if (pooler == Pooler.TANH) {
      addLinear(parts, "pooler.dense", hidden, hidden);
    }
    return new Layout(parts);
  }

  private static Layout.Part part(String name, long... shape) {
    return new Layout.Part(name, Arrays.stream(shape).boxed().toList());
  }

  private static void addLinear(List<Layout.Part> parts, String name, long out, long in) {
    parts.add(part(name + ".weight", out, in));
    parts.add(part(name + ".bias", out));
  }

  private void addNorm(List<Layout.Part> parts, String name) {
    parts.add(part(name + ".weight", hidden));
    parts.add(part(name + ".bias", hidden));
  }

  /** As BERT starts: weights and embeddings normal with deviation 0.02, biases 0, norms 1 and 0. */
  @Override
  public Tensor initial(Seed seed, Device device) {
    return Tensors.concat(
        layout().parts().stream()
            .map(part -> initial(part, seed.child(part.name()), device))
            .toArray(Tensor[]::new));
  }

  private static Tensor initial(Layout.Part part, Seed seed, Device device) {
    if (part.shape().size() > 1) {
      return Tensors.scale(DEVIATION, Tensors.randn(seed, device, part.size()));
    }
    return Tensors.full(device, part.name().endsWith("LayerNorm.weight") ? 1 : 0, part.size());
  }

  @Override
  public int width() {
    return hidden;
  }

  /** Its sizes, as {@code model/config.json} has them. */
  Map<String, Object> facts() {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("hidden", hidden);
    facts.put("layers", layers);
    facts.put("attentionHeads", heads);
    facts.put("inner", inner);
    facts.put("norm", Options.kebab(norm));
    facts.put("pooling", Options.kebab(pooling));
    facts.put("pooler", Options.kebab(pooler));
    return facts;
  }

  @Override
  public Tensor features(List<Tensor> parameters, Input input) {
    return features(parameters, input, Attention.SMOOTH);
  }

  /** By libtorch's attention in one operation on a GPU. */
  @Override
  public Tensor featuresForGradients(List<Tensor> parameters, Input input, HandWritten parts) {
    return features(
        parameters, input, parameters.get(0).is_cuda() ? Attention.FUSED : Attention.SMOOTH);
  }

  /** How attention is computed. */
  enum Attention {
    /** By plain operations. */
    SMOOTH,
    /** In one operation, which keeps no scores and has no second derivatives. */
    FUSED
  }

  Tensor features(List<Tensor> parameters, Input input, Attention attention) {
    if (!(input instanceof Input.Tokens tokens)) {
      throw new IllegalArgumentException("A transformer reads tokens.");
    }
    long time = tokens.ids().size(1);
    if (time > positions) {
      throw new IllegalArgumentException(
          "A text has %d tokens, the transformer reads %d at most.".formatted(time, positions));
    }
    var device = Device.of(parameters.get(0));
    return ByLength.ofTransformer(hidden, device)
        .features(tokens, device, some -> together(parameters, some, attention));
  }

  private Tensor together(List<Tensor> parameters, Input.Tokens tokens, Attention attention) {
    Tensor padding = tokens.mask().logical_not();
    // true where attention may look, or where it may not
    Tensor places =
        (attention == Attention.FUSED ? tokens.mask() : padding).unsqueeze(1).unsqueeze(2);
    var p = parameters.iterator();
    Tensor z = embedded(p, tokens.ids());
    if (norm == Norm.POST) {
      z = normalised(p, z);
    }
    for (int l = 0; l < layers; l++) {
      z = block(p, z, places, attention);
    }
    if (norm == Norm.PRE) {
      z = normalised(p, z);
    }
    Tensor pooled = new TimeFirst(padding.t().unsqueeze(2)).pool(pooling, z.transpose(0, 1));
    return pooler == Pooler.TANH ? linear(p, pooled).tanh() : pooled;
  }

  private static Tensor embedded(Iterator<Tensor> p, Tensor ids) {
    Tensor words = torch.embedding(p.next(), ids);
    Tensor places = p.next().narrow(0, 0, ids.size(1));
    Tensor type = p.next().select(0, 0);
    return words.add(places.add(type));
  }

  private Tensor block(Iterator<Tensor> p, Tensor z, Tensor places, Attention attention) {
    if (norm == Norm.PRE) {
      Tensor middle = z.add(attended(p, normalised(p, z), places, attention));
      return middle.add(feedForward(p, normalised(p, middle)));
    }
    Tensor middle = normalised(p, z.add(attended(p, z, places, attention)));
    return normalised(p, middle.add(feedForward(p, middle)));
  }

  /**
   * @param z shape [examples, time, hidden]
   * @param places shape [examples, 1, 1, time], true where there is no token; for {@link
   *     Attention#FUSED} where there is one
   */
  private Tensor attended(Iterator<Tensor> p, Tensor z, Tensor places, Attention attention) {
    Tensor query = inHeads(linear(p, z));
    Tensor key = inHeads(linear(p, z));
    Tensor value = inHeads(linear(p, z));
    Tensor found =
        attention == Attention.FUSED
            ? torch.scaled_dot_product_attention(
                query,
                key,
                value,
                new TensorOptional(places),
                0,
                false,
                new DoubleOptional(),
                false)
            : Tensors.scale(1 / Math.sqrt((double) hidden / heads), query)
                .matmul(key.transpose(2, 3))
                .masked_fill(places, new Scalar(Double.NEGATIVE_INFINITY))
                .softmax(3)
                .matmul(value);
    return linear(p, found.transpose(1, 2).reshape(z.sizes()));
  }

  /** Shape [examples, heads, time, hidden / heads]. */
  private Tensor inHeads(Tensor z) {
    return z.view(z.size(0), z.size(1), heads, hidden / heads).transpose(1, 2);
  }

  private static Tensor feedForward(Iterator<Tensor> p, Tensor z) {
    return linear(p, torch.gelu(linear(p, z)));
  }

  private static Tensor linear(Iterator<Tensor> p, Tensor z) {
    return torch.linear(z, p.next(), new TensorOptional(p.next()));
  }

  private Tensor normalised(Iterator<Tensor> p, Tensor z) {
    return torch.layer_norm(
        z,
        new long[] {hidden},
        new TensorOptional(p.next()),
        new TensorOptional(p.next()),
        EPSILON,
        false);
  }
}
