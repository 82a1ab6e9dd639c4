"""The training run of docs/guides/training.md, word for word: it learns, and a kill changes nothing."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_dataset import Document, write_dataset

ROOT = Path(__file__).parents[2]
DATASET = os.environ.get("QUERN_TEST_DATASET", "")
# The page installs quern-loader; here it lies in the sources. One thread: on a busy machine more of them wait for one another.
PATHS = os.pathsep.join([str(ROOT / "python/src"), os.environ.get("PYTHONPATH", "")])
ENVIRONMENT = {**os.environ, "PYTHONPATH": PATHS, "OMP_NUM_THREADS": "1"}

pytest.importorskip("torch", reason="there is no torch on PYTHONPATH; npm test puts one into .cache")


@pytest.fixture
def script(tmp_path: Path) -> list[str]:
    block = re.search(r"```python\n(.*?)```", (ROOT / "docs/guides/training.md").read_text(), re.DOTALL)
    assert block is not None
    (tmp_path / "train.py").write_text(block[1])
    assert len(re.findall(r"^(?!import|from|\s*$).", block[1], re.MULTILINE)) <= 20, "the guide promises 20 lines"
    return [sys.executable, str(tmp_path / "train.py")]


def train(*command: str) -> list[str]:
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def losses(lines: list[str]) -> list[float]:
    return [float(line.split()[1]) for line in lines]


def test_the_guide_trains_and_resumes_where_it_was_killed(script: list[str], tmp_path: Path) -> None:
    # Documents with something to learn: every id is followed by the next one.
    documents = [Document([(i + k) % 200 for k in range(90)]) for i in range(2000)]
    write_dataset(tmp_path / "dataset", {"de": documents}, vocabulary=200)
    command = [*script, str(tmp_path / "dataset")]
    whole = train(*command, str(tmp_path / "whole.pt"))
    assert len(whole) == -(-(2000 * 90) // (128 * 16))
    assert losses(whole)[-1] < losses(whole)[0] / 2
    killed = subprocess.Popen([*command, str(tmp_path / "killed.pt")], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    # A page of lines: the run cannot reach its end while nobody reads them.
    fcntl.fcntl(killed.stdout, fcntl.F_SETPIPE_SZ, 4096)
    before = [killed.stdout.readline().rstrip() for _ in range(8)]
    killed.send_signal(signal.SIGKILL)
    before += killed.communicate()[0].splitlines()
    after = train(*command, str(tmp_path / "killed.pt"))
    assert before == whole[: len(before)] and len(before) < len(whole), "it was killed in the middle"
    assert after == whole[-len(after) :], "what follows the last saved step is what would have followed"
    assert len(whole) - len(before) <= len(after) <= len(whole) - len(before) + 1, "at most the step is repeated that was not saved yet"


@pytest.mark.skipif(not DATASET, reason="QUERN_TEST_DATASET names no dataset; npm test makes one")
def test_the_guide_learns_from_the_sample_of_the_repository(script: list[str], tmp_path: Path) -> None:
    shell = re.search(r"```sh\n(.*?)```", (ROOT / "docs/guides/training.md").read_text(), re.DOTALL)
    assert shell is not None and shell[1].splitlines()[0] == "npx quern run pipelines/sample.yaml --out dataset"
    command = [*script, DATASET, str(tmp_path / "run.pt")]
    running = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    seen = losses([running.stdout.readline() for _ in range(24)])
    running.kill()
    running.communicate()
    assert sum(seen[-4:]) < 0.95 * sum(seen[:4])
