"""The part of the trainers that does not depend on what is trained."""

import os

# TensorFlow reads them when it is loaded: sums in one order, one thread, no GPU,
# no chatter.
os.environ.update(
    TF_ENABLE_ONEDNN_OPTS="0",
    TF_CPP_MIN_LOG_LEVEL="3",
    TF_NUM_INTRAOP_THREADS="1",
    TF_NUM_INTEROP_THREADS="1",
    CUDA_VISIBLE_DEVICES="-1",
)
