"""Runs jobs of mlp on Spark.

usage: mlp_job.py serve OPTIONS.json     a warm session; JSON lines on stdin and stdout
       mlp_job.py MANIFEST RESULT        one job, in the session of spark-submit; paths or URLs
"""

import sys

from mlp_job.serving import serve
from mlp_job.submitted import submitted

if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(serve(sys.argv[2]) if sys.argv[1] == "serve" else submitted(*sys.argv[1:]))
