package uk.ac.manchester.tornado.api;

/** How many work-items a kernel runs on, in one to three dimensions, and how they are grouped. */
public interface WorkerGrid {
    int dimension();

    /** Work-items per dimension. */
    long[] getGlobalWork();

    /** Work-items of a group per dimension, or null where the device chooses. */
    long[] getLocalWork();

    void setGlobalWork(long x, long y, long z);

    void setLocalWork(long x, long y, long z);

    void setLocalWorkToNull();
}
