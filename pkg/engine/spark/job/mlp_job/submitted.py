"""One job, in the session that spark-submit gives."""

import json
import sys
import traceback

from pyspark.sql import SparkSession

from mlp_job.failures import explain
from mlp_job.job import FORMAT_VERSION
from mlp_job.places import exists, read, remove, write
from mlp_job.session import Session


def tell_log(message):
    print("mlp-progress " + json.dumps(message), flush=True)


def submitted(manifest_place, result_place):
    """One job, in the session that spark-submit gives. A result manifest says
    how it went; one with an error names no file. Where nobody waits for it any
    more, which takes the manifest away, nothing is left behind."""
    spark = SparkSession.builder.appName("mlp").getOrCreate()
    session = Session(spark, tell_log, connect=False)
    manifest = read(spark, manifest_place)
    session.wanted = manifest_place
    status = 0
    try:
        result = session.run(manifest)
    except Exception as err:
        traceback.print_exc(file=sys.stderr)
        result = {"format_version": FORMAT_VERSION, "run": manifest["run"], "error": explain(err, []).fields}
        status = 1
    if exists(spark, manifest_place):
        write(spark, result_place, result)
    else:
        remove(spark, manifest["dir"])
        status = 1
    spark.stop()
    return status
