"""A bucket on moto, which is a server in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.fs
import pytest
from moto.server import ThreadedMotoServer
from small_dataset import random_documents, suppress, write_dataset


@pytest.fixture(scope="session")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """URL of a dataset in it, and the folder that it was copied from. 600 documents in German, three of them suppressed, 200 in French."""
    folder = tmp_path_factory.mktemp("dataset")
    ids = write_dataset(folder, {"de": random_documents(600, 1), "fr": random_documents(200, 2)})
    suppress(folder, ids["de"][5:8])
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "hidden-secret"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ):
            environment.setenv(name, value)
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_REGION", "eu-central-1")
        files = pyarrow.fs.S3FileSystem(
            endpoint_override=f"{host}:{port}", scheme="http", region="eu-central-1", allow_bucket_creation=True
        )
        files.create_dir("tokens")
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                with files.open_output_stream(f"tokens/datasets/one/{file.relative_to(folder)}") as out:
                    out.write(file.read_bytes())
        yield "s3://tokens/datasets/one", folder
    server.stop()
