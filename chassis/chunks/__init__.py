"""Faust by chunks: an agent gets the records of one fetch from one partition as one event, and says when they are done.

Faust's own work per message is what limits it; one event per fetch lifts that. The pieces are subclasses of Faust's
transport through its own extension point (`faust.transports` in pyproject.toml). Some hooks are private methods, so
faust-streaming and aiokafka are pinned to exact versions. See docs/decisions/0003-faust-processes-chunks.md.
"""
