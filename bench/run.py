"""Measure every case side by side with its reference and print the ratios: ``python -m bench.run`` (``make bench``).

A case is warmed, then run in turns, subject and reference, at least fifteen times each; it is judged by the ratio of
the medians alone, because seconds mean nothing on another machine. Before it is timed its answers are compared.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.database import ENGINES, ROOT, environment, manage
from bench.flags import judged
from bench.goals import CASES, FLAGS, HUNDRED, MEMORY, PROOF, Case, Goal

SETTINGS = {"yiwang": "config.settings", "reference": "bench.reference.settings"}


class Worker:
    """A process with one of the two projects loaded."""

    def __init__(self, project: str, url: str) -> None:
        """Start the process on the database at ``url``."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker"],
            cwd=ROOT,
            env=environment(url, SETTINGS[project]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **rest: Any) -> Any:
        """Send one command and return its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"do": do, **rest}), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"A worker ended during {rest}.")
        return json.loads(answer)

    def close(self) -> None:
        """Let the process end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@dataclass
class Measured:
    """The two sides of one case: seconds on the clock and of the processor, run by run."""

    subject: list[dict[str, float]] = field(default_factory=list)
    reference: list[dict[str, float]] = field(default_factory=list)

    def median(self, side: str, clock: str = "wall") -> float:
        """Return the median of one side in milliseconds."""
        return 1000 * statistics.median(run[clock] for run in getattr(self, side))


def measure(case: Case, workers: dict[str, Worker], rounds: int) -> Measured:
    """Compare the answers of both sides of ``case``, then time them in turns."""
    sides = {"subject": case.subject, "reference": case.reference}
    for side, work in sides.items():
        workers[work.project].ask("prepare", name=side, case=work.path, options=work.options)
        for _ in range(3):
            workers[work.project].ask("run", name=side)
    answers = [workers[work.project].ask("result", name=side) for side, work in sides.items()]
    if case.same_answer and answers[0] != answers[1]:
        raise SystemExit(f"{case.name}: the two sides disagree, nothing to compare.\n{answers[0]!r}\n{answers[1]!r}")
    if case.golden is not None and len(answers[0]) != case.golden:
        raise SystemExit(f"{case.name}: {len(answers[0])} rows, not {case.golden}: this is not the city of the bench.")
    measured = Measured()
    for _ in range(rounds):
        for side, work in sides.items():
            getattr(measured, side).append(workers[work.project].ask("run", name=side))
    return measured


def line(engine: str, name: str, subject: str, reference: str, goal: Goal, ratio: float) -> str:
    """Return one line of the table."""
    verdict = "met" if goal.is_met(ratio) else "MISSED"
    return f"{engine:<11}{name:<58}{subject:>12}{reference:>12}  {goal.says(ratio):<28}{verdict}"


def measure_engine(engine: str, url: str, rounds: int, cases: Sequence[Case]) -> list[str]:
    """Measure the cases on one engine, print them, and return the goals that were missed."""
    missed = []
    workers = {project: Worker(project, url) for project in SETTINGS}
    for case in cases:
        measured = measure(case, workers, rounds)
        ratio = measured.median("subject") / measured.median("reference")
        goal = case.goals[engine]
        print(
            line(
                engine,
                case.name,
                f"{measured.median('subject'):.2f} ms",
                f"{measured.median('reference'):.2f} ms",
                goal,
                ratio,
            )
            + f"  cpu {measured.median('subject', 'cpu'):.2f}/{measured.median('reference', 'cpu'):.2f} ms"
            + f"  load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        if not goal.is_met(ratio):
            missed.append(f"{engine}: {case.name}: {goal.says(ratio)}")
    for worker in workers.values():
        worker.close()
    return missed


def measure_memory(engine: str, url: str) -> list[str]:
    """Let a fresh worker of each project serve its lists, and compare what they hold in memory then."""
    used = {}
    for project, pages in MEMORY.pages.items():
        worker = Worker(project, url)
        for number, path in enumerate(pages):
            worker.ask("prepare", name=str(number), case=path)
        for _ in range(20):
            for number in range(len(pages)):
                worker.ask("run", name=str(number))
        used[project] = worker.ask("memory")
        worker.close()
    ratio = used["yiwang"] / used["reference"]
    print(
        line(
            engine,
            MEMORY.name,
            f"{used['yiwang'] / 1024:.0f} MB",
            f"{used['reference'] / 1024:.0f} MB",
            MEMORY.goal,
            ratio,
        )
    )
    return [] if MEMORY.goal.is_met(ratio) else [f"{engine}: {MEMORY.name}: {MEMORY.goal.says(ratio)}"]


def count_flags(engine: str, url: str) -> list[str]:
    """Hold the flags of the city against the cases that were planted in it: nothing is timed."""
    worker = Worker("yiwang", url)
    worker.ask("prepare", name="flags", case="bench.flags:Flags")
    counts = worker.ask("result", name="flags")
    worker.close()
    return list(judged(engine, counts))


def compose_city(engine: str, url: str) -> list[str]:
    """Compose and repair every township once; each must be proven."""
    worker = Worker("yiwang", url)
    worker.ask("prepare", name="city", case="bench.composing:City")
    took = worker.ask("run", name="city")
    rows = worker.ask("result", name="city")
    worker.close()
    missed = [f"{engine}: {PROOF}: gap {row['gap']:.4f} ({row['kind']})" for row in rows if not row["is_proven"]]
    solver = sum(row["solver"] for row in rows)
    print(
        f"{engine:<11}{PROOF:<58}{took['wall']:>10.1f} s{solver:>10.1f} s  {len(rows)} plans, cpu {took['cpu']:.1f} s  "
        + ("MISSED" if missed else "met"),
        flush=True,
    )
    return missed


def ask_hundred(engine: str, url: str) -> list[str]:
    """Let a hundred residents a second ask for help while an office works; none is lost, doubled or refused."""
    worker = Worker("yiwang", url)
    worker.ask("prepare", name="hundred", case="bench.asking:Hundred")
    worker.ask("run", name="hundred")
    told = worker.ask("result", name="hundred")
    worker.close()
    flaws = {name: told[name] for name in ("lost", "doubled", "refused", "office_failed") if told[name]}
    if not told["office"]:
        flaws["office"] = "no page"
    print(
        f"{engine:<11}{HUNDRED:<58}{told['stored']:>5} of {told['offered']}, {told['answers']} answers after"
        f" {1000 * told['median']:.0f} ms (the last {told['last']:.1f} s); the office: {told['office']} pages after"
        f" {1000 * told['office_median']:.0f} ms (worst {told['office_worst']:.1f} s)  load {os.getloadavg()[0]:.1f}  "
        + (f"MISSED {flaws}" if flaws else "met"),
        flush=True,
    )
    return [f"{engine}: {HUNDRED}: {flaws}"] if flaws else []


def main() -> None:
    """Measure as asked on the command line; with ``--check`` a missed goal is a failure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options.add_argument("--rounds", type=int, default=15, help="at least 15")
    options.add_argument("--only", default="", help="measure only the cases whose name contains this")
    options.add_argument("--tenfold", action="store_true", help="the cases that are measured at ten times the logs too")
    options.add_argument("--check", action="store_true", help="exit 1 and name each goal that was missed")
    chosen = options.parse_args()
    cases = [case for case in CASES if chosen.only in case.name and (case.at_ten or not chosen.tenfold)]
    missed = []
    for engine in ENGINES if chosen.engine == "both" else [chosen.engine]:
        with ENGINES[engine](tenfold=chosen.tenfold) as url:
            manage(url, "nightly")  # the months of today, which logs are saved in
            manage(url, "collectstatic", "--no-input", "--verbosity", "0")
            missed += measure_engine(engine, url, max(15, chosen.rounds), cases)
            if chosen.only in MEMORY.name and not chosen.tenfold:
                missed += measure_memory(engine, url)
            if chosen.only in FLAGS.name and not chosen.tenfold:
                missed += count_flags(engine, url)
            if chosen.only in PROOF and not chosen.tenfold:
                missed += compose_city(engine, url)
            if chosen.only in HUNDRED and not chosen.tenfold:
                missed += ask_hundred(engine, url)
    print("\n".join(["", "Missed:", *missed] if missed else ["", "Every goal was met."]))
    if missed and chosen.check:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
