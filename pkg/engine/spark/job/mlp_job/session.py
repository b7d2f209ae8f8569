"""Sessions of Spark, what runs in them, and how that is ended."""

import contextlib
import os
import threading

from pyspark.sql import SparkSession

from mlp_job.failures import Failure
from mlp_job.job import Job
from mlp_job.places import exists

POLL = 0.5  # seconds between looks at what runs


class Session:
    """A session of Spark, what runs in it, and how to end that."""

    def __init__(self, spark, tell, connect):
        self.spark, self.tell, self.connect = spark, tell, connect
        self.shipped = set()
        self.wanted = ""  # a file that is there as long as somebody waits
        self.cancelled = threading.Event()
        self.done = threading.Event()
        self.name = ""
        self.said = None
        if connect:
            spark.registerProgressHandler(self.on_progress)

    def begin(self, name):
        """A step begins."""
        if self.cancelled.is_set():
            raise Failure("cancelled", "the job was cancelled")
        self.name = name
        self.tell({"event": "progress", "step": name})

    def framer(self, framer):
        """The framer, sent to executors where that is asked for and it is here:
        else spark-submit has sent it."""
        if framer["ship"] and framer["path"] not in self.shipped and os.path.exists(framer["path"]):
            if self.connect:
                self.spark.addArtifacts(framer["path"], file=True)
            else:
                self.spark.sparkContext.addFile(framer["path"])
            self.shipped.add(framer["path"])
        return framer

    def watch(self):
        """Tells what runs, and ends it where that is asked for, until done."""
        while not self.done.wait(POLL):
            with contextlib.suppress(Exception):  # the job itself says what is wrong
                if self.wanted and not exists(self.spark, self.wanted):
                    self.cancelled.set()
                if self.cancelled.is_set():
                    self.interrupt()
                elif not self.connect:
                    self.look()

    def interrupt(self):
        if self.connect:
            self.spark.interruptAll()
        else:
            self.spark.sparkContext.cancelAllJobs()

    def look(self):
        tracker = self.spark.sparkContext.statusTracker()
        for number in sorted(tracker.getActiveStageIds()):
            stage = tracker.getStageInfo(number)
            if stage is not None:
                self.report(number, stage.numCompletedTasks, stage.numTasks, stage.numActiveTasks)

    def on_progress(self, stages, inflight_tasks, operation_id, done):
        for stage in stages or []:
            if not stage.done:
                self.report(stage.stage_id, stage.num_completed_tasks, stage.num_tasks, inflight_tasks)

    def report(self, stage, done, total, running):
        """Says how far a stage is, and nothing where nothing runs."""
        said = (stage, done, total)
        if running > 0 or said != self.said:
            self.said = said
            self.tell({"event": "progress", "step": self.name, "stage": stage, "done": done, "total": total})

    def run(self, manifest):
        """The result of a job."""
        self.cancelled.clear()
        self.done.clear()
        watcher = threading.Thread(target=self.watch, daemon=True)
        watcher.start()
        try:
            for key, value in manifest["settings"].items():
                self.spark.conf.set(key, value)
            return Job(self, manifest).run()
        except Failure as err:
            if self.cancelled.is_set():
                raise Failure("cancelled", "the job was cancelled") from err
            raise
        finally:
            self.done.set()
            watcher.join()


def open_session(options):
    """The warm session that options ask for."""
    builder = SparkSession.builder.appName("mlp")
    if options["remote"]:
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415 - only here is grpc needed

        spark = builder.remote(options["remote"]).getOrCreate()
        # A quarter of a minute: by itself it would try ten minutes to reach a server that is gone.
        spark.client.set_retry_policies([DefaultPolicy(max_retries=7, max_backoff=4000)])
        return spark
    for key, value in options["conf"].items():
        builder = builder.config(key, value)
    spark = builder.master(options["master"]).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark
