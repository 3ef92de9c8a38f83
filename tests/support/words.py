"""Words and phrases that are wrong in every text for readers, clients and operators, and what to write instead."""

from __future__ import annotations

import re

INSTEAD = {
    r"\banew\b": "again, or recreate",
    r"\b(is|are|was|were|be|been|being|stays?|gone|while) away\b": "unavailable",
    r"\bbegin (it )?again\b|\bbegun\b": "restart, started",
    r"\bcut[- ](short|off)\b|\b(was|were) cut\b": "interrupted, cancelled",
    r"\bdear\b": "expensive",
    r"\bdoors?\b": "say it without the metaphor",
    r"\bears?\b": "listening connection",
    r"\bfor who\b|\bfor whoever\b": "for clients that",
    r"\bgives? way\b|\bgave way\b": "fail open",
    r"\bgo(es)? on with\b|\bgone on with\b|\b(go|goes|going|went|gone) on\b": "continue, resume",
    r"\bha(s|ve|d) an end\b|\bno end in\b": "timeout",
    r"\bhears? (of|from|both|that)\b|\bheard (of|from|nothing)\b": "receive, consume",
    r"\bin force\b": "active, apply",
    r"\bin small letters\b|\bsmall letters\b": "lower case",
    r"(?<![Tt]here )\b(is|are|was) no (?!longer\b|more\b|less\b)": "is not",
    r"(?<![Tt]here )\b(is|are) none\b(?! of)": "is malformed, is missing",
    r"\bkept no longer\b": "expired",
    r"\bleft out\b|\bleaves? out\b": "skip, discard",
    r"\blet off\b": "discount",
    r"\blook(s|ed)? whether\b": "check whether",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bof use( now)?\b": "processed",
    r"\bonce more\b": "again, retry",
    r"\bsays? something else\b": "differs",
    r"\bslip of the pen\b": "typo",
    r"\b(tell|tells|telling|told)\b": "publish, emit, report",
    r"\btak(e|es|en|ing) in\b": "process, index",
    r"\bthat there (is|are) not\b": "that does not exist",
    r"\bwhoever\b": "name the person or the program",
    r"\bwhatever was\b": "name it",
    r"\bwish(es)?\b": "preference, request",
    r"(^|[.:;!?] )(?-i:Who|Whoever|Whatever)\b(?![^.]*\?)": "begin the sentence with a noun",
}

_RULES = [(re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in INSTEAD.items()]


def wrong_words(text: str) -> list[str]:
    """What is wrong in a text, each with its surroundings and what to write instead."""
    plain = " ".join(text.split())
    return [
        f"…{plain[max(0, found.start() - 40) : found.end() + 40]}…: {found[0].strip()!r} → {instead}"
        for rule, instead in _RULES
        for found in rule.finditer(plain)
    ]
