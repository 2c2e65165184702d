package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.TensorValues;
import dev.squall.model.transformer.Encoder;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Classification by {@link Markers} around the two things and a linear layer, as ordinary fine-tuning trains it. */
final class MarkerClassifier implements Classifier {
    /** The layer's tensors: [classes, dim] of every state, and as many biases. */
    static final String WEIGHT = "classifier.weight";

    static final String BIAS = "classifier.bias";

    private final Encoder encoder;
    private final Markers markers;
    private final float[] weight; // [rows, dim]
    private final float[] bias; // [rows]

    /** @throws ModelFileException if the checkpoint has no such layer, or one of another size */
    MarkerClassifier(Encoder encoder, Markers markers, Checkpoint checkpoint) {
        this.encoder = encoder;
        this.markers = markers;
        weight = read(checkpoint, WEIGHT, (long) markers.rows() * encoder.spec().dim());
        bias = read(checkpoint, BIAS, markers.rows());
    }

    private static float[] read(Checkpoint checkpoint, String name, long size) {
        TensorInfo info = checkpoint.require(name);
        if (info.elements() != size) {
            throw new ModelFileException(info.file(), name, info.elements() + " elements", size + "");
        }
        return TensorValues.read(checkpoint, info);
    }

    @Override
    public List<String> labels() {
        return markers.labels();
    }

    @Override
    public String negative() {
        return markers.negative();
    }

    @Override
    public Prediction classify(Relation input) {
        Prompt prompt = markers.prompt(input, encoder.capacity());
        encoder.encode(prompt.ids());
        FloatArray states = encoder.hidden(); // [tokens, dim]
        int dim = encoder.spec().dim();
        int[][] rows = markers.words();
        double[][] z = new double[rows.length][labels().size()];
        for (int j = 0; j < z.length; j++) {
            for (int y = 0; y < z[j].length; y++) {
                z[j][y] = bias[rows[j][y]];
                for (int i = 0; i < dim; i++) {
                    z[j][y] += (double) weight[rows[j][y] * dim + i] * states.get(prompt.masks()[j] * dim + i);
                }
            }
        }
        return Prediction.of(labels(), markers.scores(z));
    }
}
