"""Finds which records of the log hold a new version: an order is published again when its customer changes."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Hashable


class Versions:
    """The newest version of the `most` things published last, and the offsets of records with new versions."""

    def __init__(self, partitions: int, most: int) -> None:
        self._most = most
        self._newest: OrderedDict[Hashable, int] = OrderedDict()
        self._news: list[array[int]] = []
        self.add_partitions(partitions)

    def add_partitions(self, number: int) -> None:
        """Add this number of partitions."""
        self._news += [array("q") for _ in range(number)]

    def is_new(self, partition: int, offset: int, key: Hashable, version: int) -> bool:
        """Register the next record of a partition. Whether it holds a version that no record before it held."""
        known = self._newest.get(key, 0)
        self._newest[key] = max(known, version)
        self._newest.move_to_end(key)
        if len(self._newest) > self._most:
            self._newest.popitem(last=False)
        if version > known:
            self._news[partition].append(offset)
            return True
        return False

    def was_new(self, partition: int, offset: int) -> bool:
        """Whether the registered record at an offset held a new version."""
        offsets = self._news[partition]
        place = bisect_left(offsets, offset)
        return place < len(offsets) and offsets[place] == offset
