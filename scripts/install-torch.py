"""Installs what test/torch.txt names into a folder for PYTHONPATH: a torch for CPUs, 1.2 GB instead of 5.

PyPI's wheel of torch for Linux on x86_64 is linked against a dozen of NVIDIA's libraries, which are most of those 5 GB and
which nothing calls where there is no GPU. The two that are called when torch is loaded come from their own small wheels.
The others are empty libraries of the right names here: functions are looked up when they are first called, and never are.
That is what `sitecustomize.py` in the folder switches on for every Python that has the folder on its path.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

#: The one variable, not function, that torch has from those libraries: it must be there when torch is loaded.
VARIABLES = {"libnvshmem_host.so.3": ("NVSHMEM", "nvshmem_selected_device_transport")}

LAZY = "import os\nimport sys\n\nsys.setdlopenflags(os.RTLD_LAZY)\n"

#: Loads whatever the tests load, once: compiled files are left for them.
PROBE = """
import torch, torch.optim, torch.distributed.checkpoint, torchdata.stateful_dataloader, torchtitan.components.dataloader
layer = torch.nn.Linear(2, 1)
optimizer = torch.optim.AdamW(layer.parameters())
layer(torch.ones(3, 2)).sum().backward()
optimizer.step()
"""


def main(folder: Path, requirements: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"]
    subprocess.run([*pip, "--target", str(folder), "-r", str(requirements)], check=True)
    if (folder / "torch/lib/libtorch_cuda.so").exists():
        for name in missing(folder):
            make_empty(folder / "nvidia/cu13/lib" / name)
        (folder / "sitecustomize.py").write_text(LAZY)
    subprocess.run([sys.executable, "-c", PROBE], check=True, env={"PYTHONPATH": str(folder)})


def missing(folder: Path) -> list[str]:
    """NVIDIA's libraries that torch is linked against and that are not here."""
    libraries = [*folder.glob("torch/lib/*.so*"), *folder.glob("torch/*.so")]
    tables = subprocess.run(["readelf", "-d", *map(str, libraries)], check=True, capture_output=True, text=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(lib(?:cu|nv|nccl)[^\]]*)\]", tables))
    return sorted(needed - {path.name for path in folder.glob("nvidia/*/lib/*")} - {path.name for path in libraries})


def make_empty(library: Path) -> None:
    version, variable = VARIABLES.get(library.name, ("", ""))
    command = ["cc", "-shared", "-x", "c", "-", "-o", str(library), f"-Wl,-soname,{library.name}"]
    script = library.with_suffix(".map")
    if variable:
        script.write_text(f"{version} {{ global: *; }};\n")
        command.append(f"-Wl,--version-script={script}")
    subprocess.run(command, check=True, text=True, input=f"void *{variable}[64];\n" if variable else "")
    script.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
