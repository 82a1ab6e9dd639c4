"""Rows of token ids with what attention and loss need to know of the documents in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from .errors import LoaderError
from .record_batches import RecordBatch, RecordBatches
from .token_stream import Span, TokenStream

Field = Literal["input_ids", "labels", "loss_mask", "position_ids", "document_ids", "cu_seqlens"]
Arrays = dict[str, Any]
Sample = tuple[TokenStream, list[Span]]

#: What cross entropy leaves out by default in torch, and what `labels` has where `loss_mask` is False.
IGNORED = -100


class Assembler:
    """Fills batches of `seq_len` tokens a row. `fill` stands for padding and for hidden documents."""

    def __init__(
        self, batches: RecordBatches, seq_len: int, fields: Iterable[Field], dtype: str | None, stored: np.dtype[Any], fill: int
    ) -> None:
        self.fields = tuple(fields)
        if unknown := sorted(set(self.fields) - set(get_args(Field))):
            raise LoaderError("bad-argument", f"fields: {', '.join(unknown)}", f"They are: {', '.join(get_args(Field))}.")
        self._batches, self._length, self._stored, self._fill = batches, seq_len, stored, fill
        self.dtype = stored if dtype is None else np.dtype(dtype)
        if self.dtype.kind not in "iu" or self.dtype.itemsize < stored.itemsize:
            raise LoaderError(
                "bad-argument", f"dtype: {dtype} cannot hold token ids", "Take int64, int32, or None for the ids as they are stored."
            )
        self._bounds = bool(set(self.fields) - {"input_ids"})

    def rows(self, samples: Sequence[Sample | None]) -> Arrays:
        """The batch of these samples, a row each; None is a row of padding. Shapes are (rows, seq_len), but `cu_seqlens`
        is int32 of shape (segments + 1,) over the rows laid end to end and comes with `max_seqlen`, an int.
        """
        length = self._length
        # Ids alone are cast while they are copied; with targets, the one token behind each row comes along first.
        shape, dtype = ((len(samples), length + 1), self._stored) if self._bounds else ((len(samples), length), self.dtype)
        raw = np.empty(shape, dtype=dtype)
        rows = _Rows(length, len(samples))
        for row, sample in enumerate(samples):
            filled = 0
            if sample is not None:
                rows.begin(row)
                stream, spans = sample
                for place, begin, size in spans:
                    filled = self._copy(stream, place, begin, size, raw[row], filled, rows)
            if filled < length:
                raw[row, filled:] = self._fill
                rows.pad(row, filled)
            elif self._bounds and not rows.goes_on[row]:
                raw[row, length] = self._fill
        return self._fields_of(raw, rows)

    def view(self, sample: Sample) -> npt.NDArray[Any] | None:
        """A sample's ids as they lie in the shard, nothing copied; None where it is not one visible piece of one batch."""
        stream, spans = sample
        place, begin, size = spans[0]
        batch = self._batches.get(*stream.places[place])
        if len(spans) > 1 or size < self._length or begin + size > len(batch.tokens) or batch.hidden is not None:
            return None
        return batch.tokens[begin : begin + size]

    def _copy(self, stream: TokenStream, place: int, begin: int, size: int, raw: npt.NDArray[Any], filled: int, rows: _Rows) -> int:
        """Copies a piece behind the tokens that fill a row already, and one more token if it fills the row: the last target."""
        length = self._length
        while size > 0:
            batch = self._batches.get(*stream.places[place])
            tokens = batch.tokens
            if begin + size < len(tokens):
                take = size
                more = 1 if self._bounds and filled + take == length else 0
            else:
                take, more = len(tokens) - begin, 0
            raw[filled : filled + take + more] = tokens[begin : begin + take + more]
            if take and (self._bounds or batch.hidden is not None):
                rows.documents(batch, begin, take, filled, raw, self._fill)
            size, filled, place, begin = size - take, filled + take, place + 1, 0
        return filled

    def _fields_of(self, raw: npt.NDArray[Any], rows: _Rows) -> Arrays:
        length = self._length
        if not self._bounds:
            return {"input_ids": raw}
        made: Arrays = {"input_ids": raw[:, :length].astype(self.dtype)} if "input_ids" in self.fields else {}
        cu_seqlens = rows.edges()
        starts = cu_seqlens[:-1]
        lengths = cu_seqlens[1:] - starts
        if {"labels", "loss_mask"} & set(self.fields):
            ends, ranges = rows.untaught(cu_seqlens)
            if "labels" in self.fields:
                labels = raw[:, 1:].astype(self.dtype)
                if self.dtype.kind == "i":
                    _put(labels.reshape(-1), ends, ranges, IGNORED)
                made["labels"] = labels
            if "loss_mask" in self.fields:
                mask = np.ones(raw.shape[0] * length, dtype=np.bool_)
                _put(mask, ends, ranges, False)
                made["loss_mask"] = mask.reshape(-1, length)
        if "position_ids" in self.fields:
            positions = np.arange(raw.shape[0] * length, dtype=np.int32)
            positions -= np.repeat(starts, lengths)
            made["position_ids"] = positions.reshape(-1, length)
        if "document_ids" in self.fields:
            first = np.searchsorted(starts, starts // length * length)
            ids = np.repeat((np.arange(len(starts)) - first).astype(np.int32), lengths)
            for begin, end in rows.padding:
                ids[begin:end] = -1
            made["document_ids"] = ids.reshape(-1, length)
        if "cu_seqlens" in self.fields:
            made["cu_seqlens"], made["max_seqlen"] = cu_seqlens, int(lengths.max(initial=0))
        return made


class _Rows:
    """What is known of the documents of a batch while its rows fill. Places count over the rows laid end to end."""

    def __init__(self, length: int, count: int) -> None:
        self.length, self.count, self._row = length, count, 0
        self._heads = np.arange(count, dtype=np.int32) * np.int32(length)
        self._edges: list[npt.NDArray[np.int32]] = []
        self._hidden: list[tuple[int, int]] = []
        self._pair = np.empty(2, dtype=np.int32)
        self.padding: list[tuple[int, int]] = []
        #: True where a row's last document goes on behind the row: its next token is a target too.
        self.goes_on = np.zeros(count, dtype=np.bool_)

    def begin(self, row: int) -> None:
        self._row = row
        self._edges.append(self._heads[row : row + 1])

    def documents(self, batch: RecordBatch, begin: int, take: int, filled: int, raw: npt.NDArray[Any], fill: int) -> None:
        offsets, end = batch.offsets, begin + take
        self._pair[0], self._pair[1] = begin, end - 1
        first, last = offsets.searchsorted(self._pair, side="right").tolist()
        base = self._row * self.length + filled
        if filled:
            self._edges.append(np.array([base], dtype=np.int32))
        if last > first:
            self._edges.append(offsets[first:last] + np.int32(base - begin))
        goes_on = filled + take == self.length and int(offsets[last]) > end
        self.goes_on[self._row] = goes_on
        if batch.hidden is None or not batch.hidden[first - 1 : last].any():
            return
        for document in (np.flatnonzero(batch.hidden[first - 1 : last]) + first - 1).tolist():
            start, stop = max(int(offsets[document]), begin) - begin, min(int(offsets[document + 1]), end) - begin
            raw[filled + start : filled + stop] = fill
            self._hidden.append((base + start, base + stop))
        if goes_on and batch.hidden[last - 1]:
            self.goes_on[self._row] = False

    def pad(self, row: int, filled: int) -> None:
        begin = row * self.length + filled
        self._edges.append(np.array([begin], dtype=np.int32))
        self.padding.append((begin, (row + 1) * self.length))
        self.goes_on[row] = False

    def edges(self) -> npt.NDArray[np.int32]:
        """Where segments begin, and behind the last one where it ends; empty documents leave none."""
        edges: npt.NDArray[np.int32] = np.concatenate([*self._edges, np.array([self.count * self.length], dtype=np.int32)])
        lengths = edges[1:] - edges[:-1]
        return edges if lengths.all() else edges[np.append(lengths != 0, True)]

    def untaught(self, cu_seqlens: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], list[tuple[int, int]]]:
        """Places, and ranges of places, whose next token is of another document or must not be learnt. A list, since a
        mask over all tokens costs twenty times as much to apply."""
        ends = cu_seqlens[1:] - np.int32(1)
        if self.goes_on.any():
            kept = np.ones(len(ends), dtype=np.bool_)
            kept[ends.searchsorted((self._heads + np.int32(self.length - 1))[self.goes_on])] = False
            ends = ends[kept]
        return ends, [*self._hidden, *self.padding]


def _put(values: npt.NDArray[Any], places: npt.NDArray[np.int32], ranges: Iterable[tuple[int, int]], value: Any) -> None:
    values[places] = value
    for begin, end in ranges:
        values[begin:end] = value
