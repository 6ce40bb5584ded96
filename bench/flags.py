"""Hold the flags of the demo against the cases that were planted in it: ``python -m bench.flags --scale township``.

Precision is the share of what was flagged that is a known case, recall the share of the known cases that was flagged.
What only looks like a case (weekly visits, phrases that were given out, a typhoon's night) lies beside them.
``bench.run`` does the same on its city.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.case import Work
from bench.database import manage
from bench.goals import FLAGS


class Flags(Work):
    """Count, rule by rule, what was flagged rightly, wrongly and not at all."""

    def run(self) -> None:
        """Nothing is timed."""

    def result(self) -> list[dict[str, Any]]:
        """Return the counts of each rule that has known cases in the demo."""
        from services.demo.planner import planted
        from services.models import LogFlag

        known, counts = planted(), []
        for rule in LogFlag.Rule.values:
            cases = known.get(rule, set())
            flagged = set(LogFlag.objects.filter(rule=rule).values_list("log", flat=True))
            right = len(cases & flagged)
            counts.append({"rule": rule, "right": right, "wrong": len(flagged) - right, "missed": len(cases) - right})
        return counts


def judged(engine: str, counts: list[dict[str, Any]]) -> Iterator[str]:
    """Print a line a rule, and yield the goals that were missed."""
    for count in counts:
        right, wrong, missed = count["right"], count["wrong"], count["missed"]
        start = f"{engine:<11}{FLAGS.name + ': ' + count['rule']:<58}"
        if not right + missed:
            print(f"{start}no known case in the demo" + (f", {wrong} flagged" if wrong else ""))
            continue
        precision, recall = right / max(1, right + wrong), right / (right + missed)
        is_met = precision >= FLAGS.precision and recall >= FLAGS.recall
        says = f"precision {precision:.3f}, recall {recall:.3f}"
        print(f"{start}{right:>6} right {wrong:>4} wrong {missed:>4} missed  {says}  {'met' if is_met else 'MISSED'}")
        if not is_met:
            yield f"{engine}: {FLAGS.name}: {count['rule']}: {says}, goal {FLAGS.precision} and {FLAGS.recall}"


def main() -> None:
    """Build the demo as asked on the command line, and count."""
    from bench.run import Worker

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scale", choices=["village", "township", "city"], default="township")
    options.add_argument("--today", default="2026-01-15", help="the December of a full year shows jumps")
    options.add_argument("--seed", default="2010")
    options.add_argument("--check", action="store_true", help="exit 1 when a goal was missed")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'flags.sqlite3'}"
        manage(url, "migrate", "--verbosity", "0")
        manage(url, "demo", "--scale", chosen.scale, "--today", chosen.today, "--seed", chosen.seed)
        worker = Worker("yiwang", url)
        worker.ask("prepare", name="flags", case="bench.flags:Flags")
        missed = list(judged(chosen.scale, worker.ask("result", name="flags")))
        worker.close()
    print("\n".join(["", "Missed:", *missed] if missed else ["", "Every goal was met."]))
    if missed and chosen.check:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
