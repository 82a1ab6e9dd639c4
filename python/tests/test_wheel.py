"""The wheel has the package, its types, which hold, and asks for numpy and pyarrow only."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path


def test_the_wheel_is_complete_and_imports_without_torch(tmp_path: Path) -> None:
    project = Path(__file__).parents[1]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=project, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        archive.extractall(tmp_path / "installed")
    assert {f"quern_loader/{path.name}" for path in (project / "src/quern_loader").iterdir() if path.is_file()} <= names
    assert "quern_loader/py.typed" in names
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra" not in line]
    assert [line.split()[1].split(">")[0] for line in required] == ["numpy", "pyarrow"]
    program = "import sys, quern_loader; sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path / "installed", check=True)


def test_the_types_are_complete_and_hold_for_python_3_10(tmp_path: Path) -> None:
    """mypy, strict, as pyproject.toml says it: without torch's own types, and in the language of the oldest Python that is promised."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)]
    without_torch = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=Path(__file__).parents[1], env=without_torch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
