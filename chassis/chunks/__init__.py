"""Faust by chunks: an agent gets the records of one fetch of a partition as one event, and acknowledges them itself.

Faust is limited by its overhead per message; one event per fetch removes that. The classes extend Faust's transport
through its extension point (`faust.transports` in pyproject.toml). Some hooks are private methods, so faust-streaming
and aiokafka are pinned to exact versions. See docs/decisions/0003-faust-processes-chunks.md.
"""
