"""One epoch of the same samples through one loader, or the time until it gives the next sample after a resume.

Usage: loader_peers.py prepare|WHO epoch|FRACTION DATASET WORK SEQ_LEN
`prepare` writes what the peers read: every sample of SEQ_LEN uint16 tokens as an MDS row, the same in litdata chunks of 64 MB.
WHO is ours, ours-ids (input_ids alone), streaming, litdata or datasets. Each makes arrays of int64 ids of shape (SEQ_LEN,), since
that is what an embedding takes; all shuffle, in one process. Prints one JSON object: CPU and wall seconds and peak memory.
"""

import json
import os
import resource
import struct
import sys
import time

who, what, dataset_folder, work, seq_len = *sys.argv[1:5], int(sys.argv[5])
here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "../../python/src")]

import numpy as np

BATCH = 8


def samples():
    from quern_loader import Dataset

    ours = Dataset(dataset_folder, seq_len=seq_len, shuffle=False, fields=("input_ids",), dtype=None, tail="drop")
    for i in range(ours.tokens // seq_len):
        yield ours[i]["input_ids"]


def prepare():
    import torch_stub  # noqa: F401
    from streaming import MDSWriter

    os.makedirs(f"{work}/litdata")
    with MDSWriter(out=f"{work}/mds", columns={"tokens": f"ndarray:uint16:{seq_len}"}) as writer:
        for row in samples():
            writer.write({"tokens": np.ascontiguousarray(row)})
    chunks = []
    held = []

    def flush():
        count = len(held)
        offsets = 4 + 4 * (count + 1) + 2 * seq_len * np.arange(count + 1)
        name = f"chunk-0-{len(chunks)}.bin"
        with open(f"{work}/litdata/{name}", "wb") as file:
            file.write(struct.pack("<I", count) + offsets.astype("<u4").tobytes() + b"".join(row.tobytes() for row in held))
        chunks.append({"chunk_bytes": int(offsets[-1]), "chunk_size": count, "filename": name, "dim": count * seq_len})
        held.clear()

    for row in samples():
        held.append(row)
        if len(held) * seq_len * 2 >= 64_000_000:
            flush()
    if held:
        flush()
    spec = '[1, {"type": null, "context": null, "children_spec": []}]'
    config = {"compression": None, "chunk_size": None, "chunk_bytes": 64_000_000, "data_format": ["no_header_numpy:5"], "data_spec": spec, "encryption": None, "item_loader": "TokensLoader"}
    with open(f"{work}/litdata/index.json", "w") as file:
        json.dump({"chunks": chunks, "config": config, "updated_at": "0"}, file)


def ours(cursor, fields=("input_ids", "labels", "loss_mask", "position_ids", "cu_seqlens")):
    from quern_loader import Dataset

    dataset = Dataset(dataset_folder, seq_len=seq_len, seed=1, batch_size=BATCH, fields=fields)
    if cursor is not None:
        dataset.load_state_dict({**dataset.state_dict(), "cursor": int(cursor * dataset.samples) // BATCH * BATCH})
    return (row for batch in dataset for row in batch["input_ids"])


def streaming(cursor):
    import torch_stub  # noqa: F401
    from streaming import StreamingDataset

    dataset = StreamingDataset(local=f"{work}/mds", shuffle=True, shuffle_seed=1, batch_size=BATCH, num_canonical_nodes=1)
    if cursor is not None:
        iter(dataset)  # its state is only kept once an epoch has begun
        dataset.load_state_dict({"epoch": 0, "sample_in_epoch": int(cursor * dataset.num_samples) // BATCH * BATCH, "num_canonical_nodes": 1, "shuffle_seed": 1, "initial_physical_nodes": 1})
    return (row["tokens"].astype(np.int64) for row in dataset)


def litdata(cursor):
    import torch_stub  # noqa: F401
    from litdata import StreamingDataset
    from litdata.streaming.item_loader import TokensLoader

    dataset = StreamingDataset(f"{work}/litdata", item_loader=TokensLoader(block_size=seq_len), shuffle=True, seed=1)
    if cursor is not None:
        raise SystemExit("its state needs torch's DataLoader")
    return (np.asarray(row).astype(np.int64) for row in dataset)


def hugging_face(cursor):
    """Shards as they are; documents are cut into rows of SEQ_LEN by hand, as its users do with a map function."""
    import datasets
    import glob

    datasets.disable_progress_bars()
    files = sorted(glob.glob(f"{dataset_folder}/data/*/*.arrow"))
    rows = datasets.load_dataset("arrow", data_files=files, split="train", streaming=True).select_columns(["input_ids"]).with_format("numpy")
    rows = rows.shuffle(seed=1, buffer_size=1000)

    def cut():
        held = []
        count = 0
        for document in rows:
            held.append(document["input_ids"])
            count += len(held[-1])
            if count >= seq_len:
                ids = np.concatenate(held)
                whole = len(ids) // seq_len * seq_len
                yield from ids[:whole].reshape(-1, seq_len).astype(np.int64)
                held, count = [ids[whole:]], len(ids) - whole

    if cursor is not None:
        documents = sum(datasets_rows(file) for file in files)
        skipped = rows.skip(int(cursor * documents))
        return (row["input_ids"] for row in skipped)
    return cut()


def datasets_rows(file):
    import pyarrow as pa

    reader = pa.ipc.open_file(pa.memory_map(file))
    return sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))


if who == "prepare":
    prepare()
    print(json.dumps({"samples": sum(1 for _ in samples())}))
    sys.exit(0)

loaders = {"ours": ours, "ours-ids": lambda cursor: ours(cursor, ("input_ids",)), "streaming": streaming, "litdata": litdata, "datasets": hugging_face}
result = {}
if what != "epoch":
    next(iter(loaders[who](None)))  # imports and the page cache are not part of resuming
    started = time.perf_counter()
    cpu = time.process_time()
    next(iter(loaders[who](float(what))))
    result = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}
else:
    rows = iter(loaders[who](None))
    first = next(rows)
    check, count = int(first[0]), 1
    started, cpu = time.perf_counter(), time.process_time()
    for row in rows:
        check += int(row[0])
        count += 1
    result = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "tokens": (count - 1) * seq_len, "samples": count, "check": check}
result["peakMiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(result))
sys.stdout.flush()
os._exit(0)  # peers leave threads and shared memory behind that wait for a trainer
