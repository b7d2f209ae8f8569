"""Runs jobs of mlp on Spark: a manifest in, files and a result manifest out.

docs/formats.md describes both.
"""

import sys

from pyspark import cloudpickle

# Executors have none of these modules: what runs there travels by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
