package dev.squall.classification;

import dev.squall.classification.Relation.Example;
import java.util.List;

/** What says the class of an input. */
public interface Classifier {
    /** The classes, in the order of their numbers. */
    List<String> labels();

    /** The class that stands for no answer, null for none. */
    String negative();

    /** Classifies an input. */
    Prediction classify(Relation input);

    /** Counts predictions and true classes of examples. */
    default Scores measure(List<Example> examples) {
        Scores scores = new Scores(labels(), negative());
        examples.forEach(each -> scores.add(each.label(), classify(each.input()).label()));
        return scores;
    }
}
