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


@pytest.fixture
def script(tmp_path: Path) -> list[str]:
    block = re.search(r"```python\n(.*?)```", (ROOT / "docs/guides/training.md").read_text(), re.DOTALL)
    assert block is not None
    (tmp_path / "train.py").write_text(block[1])
    assert len(re.findall(r"^(?!import|from|\s*$).", block[1], re.MULTILINE)) <= 20, "the guide promises 20 lines"
    # Documents with something to learn: every id is followed by the next one.
    write_dataset(tmp_path / "dataset", {"de": [Document([(i + k) % 200 for k in range(90)]) for i in range(6000)]})
    return [sys.executable, str(tmp_path / "train.py"), str(tmp_path / "dataset")]


def test_the_guide_trains_and_resumes_where_it_was_killed(script: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python/src")}

    def run(state: str) -> list[str]:
        done = subprocess.run([*script, str(tmp_path / state)], env=environment, capture_output=True, text=True, timeout=100, check=True)
        return done.stdout.splitlines()

    whole = run("whole.npz")
    losses = [float(line.split()[1]) for line in whole]
    assert len(whole) > 250
    assert losses[-1] < losses[0] / 2
    killed = subprocess.Popen([*script, str(tmp_path / "killed.npz")], env=environment, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    # A page of lines: the run cannot reach its end while nobody reads them.
    fcntl.fcntl(killed.stdout, fcntl.F_SETPIPE_SZ, 4096)
    before = [killed.stdout.readline().rstrip() for _ in range(8)]
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    after = run("killed.npz")
    assert before == whole[:8]
    assert after == whole[-len(after) :], "what follows the last saved step is what would have followed"
    assert 0 < len(after) < len(whole)
