package org.stackel.problem;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.model.Classifier;

/**
 * A trained classifier of texts, with what must be known to give it other texts.
 *
 * @param classifier from texts to logits
 * @param parameters its parameters, in its layout
 * @param texts how a text becomes what it reads
 * @param facts what else must be known, by name: the problem, the encoder and its sizes, what the
 *     outputs mean
 */
public record TextModel(
    Classifier classifier, Tensor parameters, EncodedTexts texts, Map<String, Object> facts) {}
