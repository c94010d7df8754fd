"""The verdicts on a map: what its checks mean, in plain words with the number."""

from __future__ import annotations

from dataclasses import replace

from resnet_core.checks._table import CHECKS
from resnet_core.checks.judges import Verdict
from resnet_core.checks.records import TrustRecord

UNTRAINED = (
    "The network has learned nothing; another draw of its weights can give another value. So this is no verdict."
)


def verdicts(record: TrustRecord) -> dict[str, Verdict]:
    """The verdict of every check in `record` that was asked for, also of those that do not apply.

    For an untrained network no check speaks for a map or against it; the diagnosis still says whether it can be read.
    """
    found = {}
    for name, check in CHECKS.items():
        result = getattr(record, name)
        if result is not None:
            found[name] = check.judge(result)
        elif name in record.skipped:
            found[name] = Verdict("–", record.skipped[name], "unknown")
    return found if record.trained else {name: _unjudged(name, verdict) for name, verdict in found.items()}


def _unjudged(check: str, verdict: Verdict) -> Verdict:
    if check == "diagnosis" or verdict.state == "unknown":
        return verdict
    return replace(verdict, sentence=f"{verdict.sentence} {UNTRAINED}", state="unknown")
