"""The rules of delivery days, by name. They are broken like those of shipments: all at once, in one 409."""

from __future__ import annotations

from enum import StrEnum


class DayRule(StrEnum):
    """The name of a rule, as it is in the 409 of a command."""

    WINDOW_BEGINS_BEFORE_IT_ENDS = "window-begins-before-it-ends"
    WITHIN_BUSINESS_DAY = "within-business-day"
    NOT_IN_THE_PAST = "not-in-the-past"
    PARALLEL_DELIVERIES = "parallel-deliveries"
    VAN_OF_THE_DEPOT = "van-of-the-depot"
    ONE_VAN_AT_A_TIME = "one-van-at-a-time"
    SHIPMENT_IS_OF_THE_DEPOT = "shipment-is-of-the-depot"
    SHIPMENT_IS_PLANNED_PACKED_OR_FAILED = "shipment-is-planned-packed-or-failed"
    PLANNED_ONCE = "planned-once"
    STARTED_ONCE = "started-once"
    STARTED_BEFORE_FINISHED = "started-before-finished"
    FINISHED_ONCE = "finished-once"
    ONLY_UNSTARTED_IS_REMOVED = "only-unstarted-is-removed"
