package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.GRUOptions;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.MultiheadAttentionForwardFuncOptions;
import org.bytedeco.pytorch.PackedSequence;
import org.bytedeco.pytorch.RNNImpl;
import org.bytedeco.pytorch.RNNOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.TransformerEncoderLayerImpl;
import org.bytedeco.pytorch.TransformerEncoderLayerOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kGELU;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.model.Transformer.Norm;
import org.stackel.model.Transformer.Pooler;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Encoders against libtorch's own functions, and their second derivatives. */
class EncoderTest {
  private static final Device DEVICE = Device.CPU64;
  private static final int WIDTH = 5;
  private static final int HIDDEN = 4;
  private static final int[] LENGTHS = {3, 6, 1, 5};
  private static final int TOKENS = 11;

  private StateScope scope = StateScope.open();

  @BeforeEach
  void open() {
    scope = StateScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  // ---- sizes ---------------------------------------------------------------------------------

  @Test
  void sizesOfThePapersModels() {
    var encoder = Rnn.elman(300, 4096, 2);
    assertThat(encoder.layout().size()).isEqualTo(51_576_832L);
    assertThat(new Classifier.Encoded(encoder, new Head(4096, List.of(1024, 1024), 3)).layout())
        .satisfies(layout -> assertThat(layout.size()).isEqualTo(56_824_835L));
    var pair = new PairEncoder(encoder);
    assertThat(pair.width()).isEqualTo(16_384);
    assertThat(new Projected(pair, 4096).layout().size()).isEqualTo(118_689_792L);
    assertThat(
            new Classifier.Encoded(Rnn.elman(300, 2048, 2), new Head(2048, List.of(512, 512), 2))
                .layout()
                .size())
        .isEqualTo(14_518_274L);
    assertThat(new Head(768, List.of(), 6).layout().size()).isEqualTo(4_614L);
    assertThat(new Head(4096, List.of(1024, 1024), 2).layout().size()).isEqualTo(5_246_978L);
    assertThat(new Head(4096, List.of(1024, 1024), 3).layout().size()).isEqualTo(5_248_003L);
    assertThat(
            new Classifier.Encoded(encoder, new Head(4096, List.of(1024, 1024), 2)).layout().size())
        .isEqualTo(56_823_810L);
    assertThat(new Head(16_384, List.of(), 4096).layout().size()).isEqualTo(67_112_960L);
    assertThat(Rnn.elman(300, 2048, 2).layout().size()).isEqualTo(13_205_504L);
    assertThat(new Head(2048, List.of(512, 512), 2).layout().size()).isEqualTo(1_312_770L);
  }

  @ParameterizedTest(name = "{0} layers of width {1}, {2} heads, inner {3}, {4}")
  @CsvSource({
    "8, 768, 8, 2048, TANH, 68539648",
    "12, 768, 12, 3072, TANH, 109482240",
    "6, 384, 12, 1536, NONE, 22565376"
  })
  void sizesOfBert(int layers, int hidden, int heads, int inner, Pooler pooler, long expected) {
    for (Norm norm : Norm.values()) {
      var bert =
          new Transformer(
              30_522, 512, 2, hidden, layers, heads, inner, norm, Pooling.FIRST, pooler);
      assertThat(bert.layout().size()).isEqualTo(expected);
    }
  }

  @Test
  void sizesOfOtherCells() {
    // PyTorch: sum(p.numel() for p in LSTM(3, 5, 2, bidirectional=True).parameters()) and GRU(3, 5)
    assertThat(new Rnn(Cell.LSTM, 3, 5, 2, Direction.BOTH, Pooling.MAX).layout().size())
        .isEqualTo(2 * 4 * (15 + 25 + 10) + 2 * 4 * (50 + 25 + 10));
    assertThat(new Rnn(Cell.GRU, 3, 5, 1, Direction.FORWARD, Pooling.MAX).layout().size())
        .isEqualTo(3 * (15 + 25 + 10));
    assertThat(new MeanOfVectors(7).layout().size()).isZero();
  }

  // ---- recurrent networks --------------------------------------------------------------------

  static Stream<Arguments> networks() {
    var networks = new ArrayList<Arguments>();
    for (Cell cell : Cell.values()) {
      for (Direction direction : Direction.values()) {
        for (int layers = 1; layers <= 2; layers++) {
          networks.add(arguments(cell, direction, layers));
        }
      }
    }
    return networks.stream();
  }

  /** All texts at once through libtorch's modules, as packed sequences: zeros behind each text. */
  @ParameterizedTest(name = "{0}, {1}, {2} layers")
  @MethodSource("networks")
  void networksAgreeWithLibtorchInValueAndGradient(Cell cell, Direction direction, int layers) {
    for (Pooling pooling : POOLINGS) {
      var rnn = new Rnn(cell, WIDTH, HIDDEN, layers, direction, pooling);
      Tensor flat = rnn.initial(new Seed(1), DEVICE).set_requires_grad(true);
      Input.Sequence input = sequences();
      Module module = Module.of(rnn);
      TensorVector weights = module.weights();
      List<Tensor> parts = rnn.layout().split(flat.detach());
      for (int i = 0; i < parts.size(); i++) {
        assertThat(Tensors.shape(weights.get(i))).isEqualTo(Tensors.shape(parts.get(i)));
        weights.get(i).data().copy_(parts.get(i));
      }
      Tensor outputs = module.outputs(input);
      var theirs = new ArrayList<Tensor>();
      for (int i = 0; i < LENGTHS.length; i++) {
        Tensor padded = outputs.select(1, i);
        Tensor own = padded.narrow(0, 0, LENGTHS[i]);
        theirs.add(
            switch (pooling) {
              case MAX -> new Tensor(own.max(0).get0());
              case PADDED_MAX -> new Tensor(padded.max(0).get0());
              case MEAN -> own.mean(0L);
              default -> ends(own, LENGTHS[i], direction);
            });
      }
      assertSame(
          rnn.features(rnn.layout().split(flat), input),
          flat,
          torch.stack(new TensorVector(theirs.toArray(new Tensor[0])), 0),
          weights);
      assertSame(
          rnn.fusedFeatures(rnn.layout().split(flat), input),
          flat,
          rnn.features(rnn.layout().split(flat), input),
          new TensorVector(flat));
    }
  }

  private static final List<Pooling> POOLINGS =
      List.of(Pooling.MAX, Pooling.PADDED_MAX, Pooling.MEAN, Pooling.LAST);

  private static Tensor ends(Tensor outputs, int length, Direction direction) {
    Tensor last = outputs.select(0, length - 1);
    return direction == Direction.FORWARD
        ? last
        : Tensors.concat(last.narrow(0, 0, HIDDEN), outputs.select(0, 0).narrow(0, HIDDEN, HIDDEN));
  }

  /** A module of libtorch: its parameters, layer by layer, and what it computes. */
  private record Module(TensorVector weights, UnaryOperator<PackedSequence> forward) {
    static Module of(Rnn rnn) {
      boolean both = rnn.direction() == Direction.BOTH;
      switch (rnn.cell()) {
        case ELMAN -> {
          var options = new RNNOptions(WIDTH, HIDDEN);
          options.num_layers().put(rnn.layers());
          options.bidirectional().put(both);
          var module = new RNNImpl(options);
          module.to(torch.ScalarType.Double);
          return new Module(
              module.all_weights(), texts -> module.forward_with_packed_input(texts).get0());
        }
        case LSTM -> {
          var options = new LSTMOptions(WIDTH, HIDDEN);
          options.num_layers().put(rnn.layers());
          options.bidirectional().put(both);
          var module = new LSTMImpl(options);
          module.to(torch.ScalarType.Double);
          return new Module(
              module.all_weights(), texts -> module.forward_with_packed_input(texts).get0());
        }
        case GRU -> {
          var options = new GRUOptions(WIDTH, HIDDEN);
          options.num_layers().put(rnn.layers());
          options.bidirectional().put(both);
          var module = new GRUImpl(options);
          module.to(torch.ScalarType.Double);
          return new Module(
              module.all_weights(), texts -> module.forward_with_packed_input(texts).get0());
        }
      }
      throw new AssertionError(rnn);
    }

    /** Shape [time, examples, width]; zeros behind each text. */
    Tensor outputs(Input.Sequence input) {
      PackedSequence packed =
          torch.pack_padded_sequence(
              input.values(), Tensors.indices(Device.CPU, LENGTHS), false, false);
      return new Tensor(torch.pad_packed_sequence(forward.apply(packed)).get0());
    }
  }

  /**
   * An Elman cell with {@code h' = tanh(x)}: by hand. Of the batch the text -2, -0.5 is the
   * longest, so the padding of the text -1 counts.
   */
  @Test
  void paddingIsAZeroIfItIsWanted() {
    List<Tensor> parts =
        List.of(
            Tensors.of(DEVICE, new double[] {1}, 1, 1),
            Tensors.of(DEVICE, new double[] {0}, 1, 1),
            Tensors.zeros(DEVICE, 1),
            Tensors.zeros(DEVICE, 1));
    var inputs =
        new Inputs.Sequence(
            Tensors.indices(DEVICE, new int[] {0, 3, 1, 2}, 2, 2),
            new int[] {1, 2},
            Tensors.of(DEVICE, new double[] {-1, -2, -.5, 0}, 4, 1),
            DEVICE);
    var masked = new Rnn(Cell.ELMAN, 1, 1, 1, Direction.FORWARD, Pooling.MAX);
    var padded = new Rnn(Cell.ELMAN, 1, 1, 1, Direction.FORWARD, Pooling.PADDED_MAX);
    assertThat(Tensors.toArray(masked.features(parts, inputs.all()).view(-1)))
        .containsExactly(new double[] {Math.tanh(-1), Math.tanh(-.5)}, within(1e-15));
    assertThat(Tensors.toArray(padded.features(parts, inputs.all()).view(-1)))
        .containsExactly(new double[] {0, Math.tanh(-.5)}, within(1e-15));
    // Alone a text is the longest of its batch.
    assertThat(Tensors.toArray(padded.features(parts, inputs.batch(new int[] {0})).view(-1)))
        .containsExactly(new double[] {Math.tanh(-1)}, within(1e-15));
    // Each side of a pair has its own longest text: of the second ones that is -1.
    var pair = new Input.Pair(inputs.all(), inputs.batch(new int[] {0, 0}));
    assertThat(Tensors.toArray(new PairEncoder(padded).features(parts, pair).select(1, 1)))
        .containsExactly(new double[] {Math.tanh(-1), Math.tanh(-1)}, within(1e-15));
  }

  @Test
  void namesAreThoseOfPyTorch() {
    var rnn = new Rnn(Cell.LSTM, 3, 2, 2, Direction.BOTH, Pooling.LAST);
    assertThat(rnn.layout().parts().stream().map(Layout.Part::name).toList())
        .startsWith("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        .endsWith(
            "weight_ih_l1_reverse",
            "weight_hh_l1_reverse",
            "bias_ih_l1_reverse",
            "bias_hh_l1_reverse");
    assertThat(rnn.layout().parts().get(8).shape()).containsExactly(8L, 4L);
  }

  // ---- transformer ---------------------------------------------------------------------------

  private static Transformer transformer(Norm norm, Pooling pooling, Pooler pooler) {
    return new Transformer(TOKENS, 7, 2, 6, 2, 3, 5, norm, pooling, pooler);
  }

  @ParameterizedTest(name = "norm {0}")
  @CsvSource({"POST", "PRE"})
  void transformersAgreeWithLibtorchInValueAndGradient(Norm norm) {
    for (Pooling pooling : List.of(Pooling.MAX, Pooling.MEAN, Pooling.LAST, Pooling.FIRST)) {
      var model = transformer(norm, pooling, Pooler.TANH);
      Tensor flat = shaken(model).set_requires_grad(true);
      List<Tensor> parts = model.layout().split(flat);
      Input.Tokens input = tokens();
      Tensor padding = input.mask().logical_not();
      Tensor outputs = reference(model, parts, input.ids(), padding);
      var pooled = new ArrayList<Tensor>();
      for (int i = 0; i < LENGTHS.length; i++) {
        Tensor own = outputs.select(0, i).narrow(0, 0, LENGTHS[i]);
        pooled.add(
            switch (pooling) {
              case MAX -> new Tensor(own.max(0).get0());
              case MEAN -> own.mean(0L);
              case LAST -> own.select(0, LENGTHS[i] - 1);
              default -> own.select(0, 0);
            });
      }
      Tensor theirs = torch.stack(new TensorVector(pooled.toArray(new Tensor[0])), 0);
      theirs = theirs.mm(parts.get(parts.size() - 2).t()).add(parts.get(parts.size() - 1)).tanh();
      assertSame(model.features(parts, input), flat, theirs, new TensorVector(flat));
      assertSame(
          model.features(parts, input, Transformer.Attention.FUSED),
          flat,
          model.features(parts, input),
          new TensorVector(flat));
    }
  }

  /**
   * A block of BERT against libtorch's whole module. Its norms add 1e-5 to variances, ours 1e-12,
   * so that vectors are made long; attention would saturate if its weights stayed as they are.
   */
  @Test
  void aBlockAgreesWithLibtorchsEncoderLayer() {
    var model = new Transformer(TOKENS, 7, 2, 6, 1, 3, 5, Norm.POST, Pooling.MEAN, Pooler.NONE);
    List<Layout.Part> names = model.layout().parts();
    List<Tensor> scaled = new ArrayList<>();
    List<Tensor> shaken = model.layout().split(shaken(model));
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i).name();
      double by =
          name.endsWith("LayerNorm.weight") ? 30 : name.matches(".*(query|key).*") ? .03 : 1;
      scaled.add(Tensors.scale(by, shaken.get(i)).reshape(-1));
    }
    Tensor flat = Tensors.concat(scaled.toArray(new Tensor[0])).set_requires_grad(true);
    var options = new TransformerEncoderLayerOptions(6, 3);
    options.dim_feedforward().put(5);
    options.dropout().put(0);
    options.activation().put(new kGELU());
    var layer = new TransformerEncoderLayerImpl(options);
    layer.to(torch.ScalarType.Double, false);
    List<Tensor> theirs = new ArrayList<>();
    StringTensorDict weights = layer.named_parameters();
    OF_A_LAYER.forEach(name -> theirs.add(weights.get(name)));
    List<Tensor> own = ofABlock(model, flat.detach());
    for (int i = 0; i < own.size(); i++) {
      theirs.get(i).data().copy_(own.get(i));
    }
    List<Tensor> parts = model.layout().split(flat);
    Input.Tokens input = tokens();
    Tensor padding = input.mask().logical_not();
    Tensor embedded = embedded(model, named(model, parts), input.ids()).detach();
    Tensor outputs = layer.forward(embedded.transpose(0, 1), new Tensor(), padding);
    Tensor kept = outputs.masked_fill(padding.t().unsqueeze(2), new Scalar(0.0)).sum(0);
    Tensor pooled = kept.div(input.mask().sum(1).unsqueeze(1));
    Tensor features = model.features(parts, input);
    close(features, pooled);
    Tensor direction = Tensors.randn(new Seed(10), DEVICE, LENGTHS.length, 6);
    List<Tensor> slopes = ofABlock(model, gradient(features.mul(direction).sum(), flat, false));
    for (int i = 0; i < slopes.size(); i++) {
      close(slopes.get(i), gradient(pooled.mul(direction).sum(), theirs.get(i), true));
    }
  }

  private static final List<String> OF_A_LAYER =
      List.of(
          "self_attn.in_proj_weight",
          "self_attn.in_proj_bias",
          "self_attn.out_proj.weight",
          "self_attn.out_proj.bias",
          "norm1.weight",
          "norm1.bias",
          "linear1.weight",
          "linear1.bias",
          "linear2.weight",
          "linear2.bias",
          "norm2.weight",
          "norm2.bias");

  /** The parts of a flat vector that belong to the first block, as libtorch's layer has them. */
  private static List<Tensor> ofABlock(Transformer model, Tensor flat) {
    Map<String, Tensor> named = named(model, model.layout().split(flat));
    String block = "encoder.layer.0.";
    String self = block + "attention.self.";
    var parts = new ArrayList<Tensor>();
    for (String kind : List.of("weight", "bias")) {
      parts.add(
          torch.cat(
              new TensorVector(
                  named.get(self + "query." + kind),
                  named.get(self + "key." + kind),
                  named.get(self + "value." + kind)),
              0));
    }
    for (String name :
        List.of(
            "attention.output.dense.",
            "attention.output.LayerNorm.",
            "intermediate.dense.",
            "output.dense.",
            "output.LayerNorm.")) {
      parts.add(named.get(block + name + "weight"));
      parts.add(named.get(block + name + "bias"));
    }
    return parts;
  }

  private static Map<String, Tensor> named(Transformer model, List<Tensor> parts) {
    var named = new HashMap<String, Tensor>();
    for (int i = 0; i < parts.size(); i++) {
      named.put(model.layout().parts().get(i).name(), parts.get(i));
    }
    return named;
  }

  /** To 1e-6 of the largest. */
  private static void close(Tensor own, Tensor theirs) {
    assertThat(Tensors.shape(own)).isEqualTo(Tensors.shape(theirs));
    double largest = Tensors.item(theirs.abs().max());
    assertThat(largest).isPositive();
    assertThat(Tensors.toArray(own.reshape(-1)))
        .containsExactly(Tensors.toArray(theirs.reshape(-1)), within(1e-6 * largest));
  }

  /** Numbers that show a wrong bias or norm, which start at 0 and 1. */
  private static Tensor shaken(Transformer model) {
    return Tensors.axpy(
        model.initial(new Seed(3), DEVICE),
        0.3,
        Tensors.randn(new Seed(4), DEVICE, model.layout().size()));
  }

  private static Tensor reference(
      Transformer model, List<Tensor> parts, Tensor ids, Tensor padding) {
    Map<String, Tensor> named = named(model, parts);
    boolean post = model.norm() == Norm.POST;
    Tensor z = embedded(model, named, ids);
    for (int l = 0; l < 2; l++) {
      String block = "encoder.layer." + l + ".";
      String first = block + "attention.output.LayerNorm";
      String second = block + "output.LayerNorm";
      z = z.add(attention(named, block, post ? z : norm(named, first, z), padding));
      z = post ? norm(named, first, z) : z;
      Tensor in = post ? z : norm(named, second, z);
      Tensor wide = linear(named, block + "intermediate.dense", in);
      Tensor cdf =
          torch.erf(Tensors.scale(Math.sqrt(0.5), wide)).add(new Scalar(1.0)).mul(new Scalar(0.5));
      z = z.add(linear(named, block + "output.dense", wide.mul(cdf)));
      z = post ? norm(named, second, z) : z;
    }
    return post ? z : norm(named, "encoder.LayerNorm", z);
  }

  private static Tensor embedded(Transformer model, Map<String, Tensor> named, Tensor ids) {
    long time = ids.size(1);
    Tensor z =
        named
            .get("embeddings.word_embeddings.weight")
            .index_select(0, ids.reshape(-1))
            .view(ids.size(0), time, 6)
            .add(named.get("embeddings.position_embeddings.weight").narrow(0, 0, time))
            .add(named.get("embeddings.token_type_embeddings.weight").select(0, 0));
    return model.norm() == Norm.POST ? norm(named, "embeddings.LayerNorm", z) : z;
  }

  private static Tensor linear(Map<String, Tensor> named, String name, Tensor z) {
    return z.matmul(named.get(name + ".weight").t()).add(named.get(name + ".bias"));
  }

  private static Tensor norm(Map<String, Tensor> named, String name, Tensor z) {
    Tensor centred = z.sub(z.mean(new long[] {2}, true, new ScalarTypeOptional()));
    Tensor variance = centred.mul(centred).mean(new long[] {2}, true, new ScalarTypeOptional());
    return centred
        .div(variance.add(new Scalar(1e-12)).sqrt())
        .mul(named.get(name + ".weight"))
        .add(named.get(name + ".bias"));
  }

  private static Tensor attention(
      Map<String, Tensor> named, String block, Tensor z, Tensor padding) {
    String self = block + "attention.self.";
    Tensor weight =
        torch.cat(
            new TensorVector(
                named.get(self + "query.weight"),
                named.get(self + "key.weight"),
                named.get(self + "value.weight")),
            0);
    Tensor bias =
        Tensors.concat(
            named.get(self + "query.bias"),
            named.get(self + "key.bias"),
            named.get(self + "value.bias"));
    var options =
        new MultiheadAttentionForwardFuncOptions(
            6,
            3,
            weight,
            bias,
            new Tensor(),
            new Tensor(),
            false,
            0.0,
            named.get(block + "attention.output.dense.weight"),
            named.get(block + "attention.output.dense.bias"));
    options.key_padding_mask().put(padding);
    options.need_weights().put(false);
    Tensor timeFirst = z.transpose(0, 1);
    return new Tensor(
            torch.multi_head_attention_forward(timeFirst, timeFirst, timeFirst, options).get0())
        .transpose(0, 1);
  }

  @Test
  void transformerStartsAsBert() {
    var model = new Transformer(2000, 16, 2, 20, 1, 2, 30, Norm.POST, Pooling.MEAN, Pooler.NONE);
    List<Tensor> parts = model.layout().split(model.initial(new Seed(5), DEVICE));
    for (int i = 0; i < parts.size(); i++) {
      Layout.Part part = model.layout().parts().get(i);
      double[] numbers = Tensors.toArray(parts.get(i));
      if (part.shape().size() == 1) {
        assertThat(numbers).containsOnly(part.name().endsWith("LayerNorm.weight") ? 1 : 0);
      }
    }
    double[] words = Tensors.toArray(parts.get(0));
    assertThat(Math.sqrt(Arrays.stream(words).map(w -> w * w).average().orElseThrow()))
        .isCloseTo(0.02, within(4e-4));
  }

  @Test
  void transformersRefuseWhatDoesNotFit() {
    assertThatThrownBy(
            () -> new Transformer(9, 9, 1, 10, 1, 3, 9, Norm.POST, Pooling.MEAN, Pooler.NONE))
        .hasMessageContaining("The width (10)")
        .hasMessageContaining("heads (3)");
    var model = new Transformer(TOKENS, 5, 1, 6, 1, 3, 5, Norm.POST, Pooling.MEAN, Pooler.NONE);
    List<Tensor> parts = model.layout().split(model.initial(new Seed(1), DEVICE));
    assertThatThrownBy(() -> model.features(parts, tokens()))
        .hasMessageContaining("6 tokens")
        .hasMessageContaining("5 at most");
    assertThatThrownBy(() -> model.features(parts, sequences())).hasMessageContaining("tokens");
    assertThatThrownBy(() -> Rnn.elman(2, 2, 1).features(List.of(), tokens()))
        .hasMessageContaining("sequences");
    assertThatThrownBy(() -> new Rnn(Cell.GRU, 2, 2, 1, Direction.FORWARD, Pooling.FIRST))
        .hasMessageContaining("FIRST");
    assertThatThrownBy(
            () -> new Transformer(9, 9, 1, 6, 1, 3, 9, Norm.PRE, Pooling.PADDED_MAX, Pooler.NONE))
        .hasMessageContaining("PADDED_MAX");
  }

  // ---- all encoders --------------------------------------------------------------------------

  static Stream<Arguments> encoders() {
    var encoders = new ArrayList<Encoder>();
    for (Cell cell : Cell.values()) {
      encoders.add(new Rnn(cell, WIDTH, HIDDEN, 2, Direction.BOTH, Pooling.MAX));
      encoders.add(new Rnn(cell, WIDTH, HIDDEN, 1, Direction.BOTH, Pooling.LAST));
    }
    encoders.add(Rnn.elman(WIDTH, HIDDEN, 2));
    encoders.add(new Rnn(Cell.LSTM, WIDTH, HIDDEN, 1, Direction.FORWARD, Pooling.MEAN));
    encoders.add(new Rnn(Cell.GRU, WIDTH, HIDDEN, 1, Direction.FORWARD, Pooling.MEAN));
    encoders.add(transformer(Norm.POST, Pooling.FIRST, Pooler.TANH));
    encoders.add(transformer(Norm.PRE, Pooling.MEAN, Pooler.NONE));
    encoders.add(transformer(Norm.POST, Pooling.MAX, Pooler.NONE));
    var all = new ArrayList<Arguments>();
    encoders.forEach(encoder -> all.add(arguments(encoder)));
    for (Encoder encoder : List.of(encoders.get(6), encoders.get(7), encoders.get(9))) {
      all.add(arguments(new PairEncoder(encoder)));
    }
    all.add(arguments(new Projected(encoders.get(6), 3)));
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoders")
  void hessianVectorProductsAreDerivativesOfTheGradient(Encoder encoder) {
    Tensor point = point(encoder);
    Tensor v = Tensors.randn(new Seed(8), DEVICE, point.numel());
    Tensor leaf = point.detach().set_requires_grad(true);
    Tensor product = gradient(gradient(loss(encoder, leaf), leaf, true).dot(v), leaf, false);
    double step = 1e-5;
    double[] difference =
        Tensors.toArray(
            gradientAt(encoder, Tensors.axpy(point, step, v))
                .sub(gradientAt(encoder, Tensors.axpy(point, -step, v))));
    double[] expected = Arrays.stream(difference).map(d -> d / (2 * step)).toArray();
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(largest).isGreaterThan(1e-3);
    assertThat(Tensors.toArray(product)).containsExactly(expected, within(1e-6 * largest));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encoders")
  void featuresOfAnExampleDoNotDependOnItsBatch(Encoder encoder) {
    List<Tensor> parts = encoder.layout().split(point(encoder));
    Tensor together = encoder.features(parts, input(encoder, 0, LENGTHS.length));
    assertThat(Tensors.shape(together))
        .containsExactly((long) LENGTHS.length, (long) encoder.width());
    for (int i = 0; i < LENGTHS.length; i++) {
      Tensor alone = encoder.features(parts, input(encoder, i, 1));
      assertThat(Tensors.toArray(together.select(0, i)))
          .containsExactly(Tensors.toArray(alone), within(1e-13));
    }
  }

  @Test
  void pairsAreTwoTextsThroughOneEncoder() {
    var encoder = Rnn.elman(WIDTH, HIDDEN, 1);
    var pair = new PairEncoder(encoder);
    List<Tensor> parts = pair.layout().split(point(pair));
    var input = (Input.Pair) input(pair, 0, LENGTHS.length);
    double[] u = Tensors.toArray(encoder.features(parts, input.first()).select(0, 1));
    double[] v = Tensors.toArray(encoder.features(parts, input.second()).select(0, 1));
    double[] both = Tensors.toArray(pair.features(parts, input).select(0, 1));
    for (int k = 0; k < HIDDEN; k++) {
      assertThat(new double[] {both[k], both[4 + k], both[8 + k], both[12 + k]})
          .containsExactly(
              new double[] {u[k], v[k], Math.abs(u[k] - v[k]), u[k] * v[k]}, within(1e-14));
    }
  }

  @Test
  void meanOfVectorsLeavesPaddingOut() {
    var input = sequences();
    Tensor features = new MeanOfVectors(WIDTH).features(List.of(), input);
    Tensor expected = input.values().narrow(1, 0, 1).narrow(0, 0, LENGTHS[0]).mean(0L).squeeze(0);
    assertThat(Tensors.toArray(features.select(0, 0)))
        .containsExactly(Tensors.toArray(expected), within(1e-15));
  }

  @Test
  void batchesOfTokensAreAsLongAsTheirLongestText() {
    var inputs =
        new Inputs.Tokens(List.of(new int[] {5}, new int[] {1, 2, 3}, new int[] {7, 8}), DEVICE);
    var batch = (Input.Tokens) inputs.batch(new int[] {2, 0});
    assertThat(Tensors.toLongs(batch.ids())).containsExactly(7, 8, 5, 0);
    assertThat(Tensors.toLongs(batch.mask())).containsExactly(1, 1, 1, 0);
    assertThat(inputs.all().size()).isEqualTo(3);
  }

  private static Tensor point(Encoder encoder) {
    long size = encoder.layout().size();
    return Tensors.axpy(
        encoder.initial(new Seed(6), DEVICE), 0.2, Tensors.randn(new Seed(7), DEVICE, size));
  }

  /** Not linear in the features, weighted, so that nothing cancels. */
  private static Tensor loss(Encoder encoder, Tensor parameters) {
    Tensor features =
        encoder.features(encoder.layout().split(parameters), input(encoder, 0, LENGTHS.length));
    Tensor weights = Tensors.randn(new Seed(9), DEVICE, LENGTHS.length, encoder.width());
    return features.mul(weights).exp().sum();
  }

  private static Tensor gradientAt(Encoder encoder, Tensor point) {
    Tensor leaf = point.detach().set_requires_grad(true);
    return gradient(loss(encoder, leaf), leaf, false);
  }

  private static Tensor gradient(Tensor scalar, Tensor input, boolean graph) {
    return new Tensor(
        torch
            .grad(
                new TensorVector(scalar),
                new TensorVector(input),
                new TensorVector(),
                new BoolOptional(),
                graph,
                false)
            .get(0));
  }

  /** Values, and gradients of ours in a flat vector and of theirs in its parts. */
  private static void assertSame(Tensor own, Tensor flat, Tensor theirs, TensorVector parts) {
    assertThat(Tensors.toArray(own)).containsExactly(Tensors.toArray(theirs), within(1e-10));
    Tensor weights = Tensors.randn(new Seed(10), DEVICE, own.size(0), own.size(1));
    TensorVector gradients = torch.grad(new TensorVector(theirs.mul(weights).sum()), parts);
    var flattened = new ArrayList<Tensor>();
    for (int i = 0; i < gradients.size(); i++) {
      flattened.add(gradients.get(i).reshape(-1));
    }
    assertThat(Tensors.toArray(gradient(own.mul(weights).sum(), flat, false)))
        .containsExactly(
            Tensors.toArray(Tensors.concat(flattened.toArray(new Tensor[0]))), within(1e-10));
  }

  private static Input input(Encoder encoder, int from, int count) {
    if (encoder instanceof PairEncoder pair) {
      return new Input.Pair(
          input(pair.encoder(), from, count), mirrored(input(pair.encoder(), from, count)));
    }
    if (encoder instanceof Transformer) {
      Input.Tokens all = tokens();
      long time = Arrays.stream(LENGTHS, from, from + count).max().orElseThrow();
      return new Input.Tokens(
          all.ids().narrow(0, from, count).narrow(1, 0, time),
          all.mask().narrow(0, from, count).narrow(1, 0, time));
    }
    Input.Sequence all = sequences();
    long time = Arrays.stream(LENGTHS, from, from + count).max().orElseThrow();
    return new Input.Sequence(
        all.values().narrow(1, from, count).narrow(0, 0, time),
        all.padding().narrow(1, from, count).narrow(0, 0, time));
  }

  /** Other texts of other lengths: the first position of each alone. */
  private static Input mirrored(Input input) {
    if (input instanceof Input.Tokens tokens) {
      return new Input.Tokens(tokens.ids().narrow(1, 0, 1), tokens.mask().narrow(1, 0, 1));
    }
    var sequence = (Input.Sequence) input;
    return new Input.Sequence(
        sequence.values().narrow(0, 0, 1), sequence.padding().narrow(0, 0, 1));
  }

  private static Input.Sequence sequences() {
    var words = new int[LENGTHS.length * 6];
    Arrays.setAll(words, i -> (7 * i + 3) % TOKENS);
    return (Input.Sequence)
        new Inputs.Sequence(
                Tensors.indices(DEVICE, words, LENGTHS.length, 6),
                LENGTHS,
                Tensors.randn(new Seed(2), DEVICE, TOKENS, WIDTH),
                DEVICE)
            .all();
  }

  private static Input.Tokens tokens() {
    var texts = new ArrayList<int[]>();
    for (int i = 0; i < LENGTHS.length; i++) {
      var ids = new int[LENGTHS[i]];
      int text = i;
      Arrays.setAll(ids, t -> (5 * t + 3 * text + 1) % TOKENS);
      texts.add(ids);
    }
    return (Input.Tokens) new Inputs.Tokens(texts, DEVICE).all();
  }
}
