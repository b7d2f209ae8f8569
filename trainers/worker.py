"""Entry point of the trainer process: JSON lines on stdin and stdout."""

import sys
from pathlib import Path

# Last, not first: the directory sklearn/ beside this file must never stand in
# for the package of that name.
sys.path.append(str(Path(__file__).resolve().parent))

from mlp_worker.loop import main

if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
