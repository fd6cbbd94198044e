"""Proves that the checks named by the patches of this folder can fail.

    judge.py PROGRAM REAL PATCH=BROKEN=NOT_APPLIED...   PROGRAM: integration_gate or journey; REAL and BROKEN: the whole
                                                        and a broken program; NOT_APPLIED: exists if a patch failed
    judge.py --self-test                                the judge before programs that lie: none may pass

Each check must be green on the real program, in this run, and red on the mutant, by its own verdict and with the words
that the patch expects. See README.md.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
JOURNEY = HERE.parent / "browser" / "journey.test.mjs"
# One step in the runner's TAP: its verdict, and the indented report after it.
STEP = re.compile(r"^(not )?ok \d+ - (.*?)( # SKIP.*)?\n((?:  .*\n)*)", re.MULTILINE)
SECONDS = {"integration_gate": 120, "journey": 180}  # for one run; what takes longer has no verdict


@dataclass
class Patch:
    name: str
    red: str  # the check
    says: str  # a part of its message
    after: list[str] = field(default_factory=list)  # steps that it needs


@dataclass
class Verdict:
    """What a program says of one check: "green", "red" or what else happened to it."""

    state: str
    message: str = ""


Verdicts = dict[str, Verdict]


def read_patch(path: Path, program: str) -> Patch:
    head = path.read_text(encoding="utf-8").split("\n--- ")[0]
    rows = dict(re.findall(r"^(\w+):\s+(.*)$", head, re.MULTILINE))
    if rows.get("Program") != program or not rows.get("Red") or not rows.get("Says"):
        raise SystemExit(f"{path}: the head must say 'Program: {program}', 'Red: ...' and 'Says: ...'")
    after = [step.strip() for step in rows.get("After", "").split(";") if step.strip()]
    return Patch(path.stem, rows["Red"], rows["Says"], after)


def run(command: list[str], seconds: int, changes: dict[str, str] | None = None) -> tuple[int | None, str]:
    """The exit code (None: it took too long) and all output. The whole process group ends with it."""
    process = subprocess.Popen(command, env=os.environ | (changes or {}), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        return None, process.communicate()[0]


def ask_googletest(program: str, patches: list[Patch]) -> tuple[Verdicts, str]:
    """The verdicts of all tests that the patches' filters select."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        selection = ":".join(sorted({patch.red for patch in patches}))
        code, output = run([program, f"--gtest_filter={selection}", f"--gtest_output=json:{report}"],
                           SECONDS["integration_gate"])
        # A program that dies leaves no report; one that ends by itself says so with its exit code.
        if code not in (0, 1) or not report.exists():
            return {}, f"it ended with {code}:\n{output}"
        suites = json.loads(report.read_text(encoding="utf-8")).get("testsuites", [])
    verdicts = {}
    for suite in suites:
        for test in suite["testsuite"]:
            failures = "\n".join(failure["failure"] for failure in test.get("failures", []))
            completed = test["status"] == "RUN" and test["result"] == "COMPLETED"
            state = ("red" if failures else "green") if completed else "not run"
            verdicts[f"{test['classname']}.{test['name']}"] = Verdict(state, failures)
    return verdicts, output


def ask_journey(program: str, patches: list[Patch]) -> tuple[Verdicts, str]:
    """The verdicts of the patches' steps, and of those that they need; a step is called by the words before its colon."""
    steps = list(dict.fromkeys(step for patch in patches for step in [*patch.after, patch.red]))
    command = ["node", "--test", "--test-reporter=tap", *(f"--test-name-pattern=^{re.escape(step)}" for step in steps),
               str(JOURNEY)]
    # The exit code adds nothing to the steps' own verdicts.
    _, output = run(command, SECONDS["journey"], {"CALYPTENORA_PROGRAM": program, "CALYPTENORA_DATABASE": "sqlite",
                                                  "CALYPTENORA_LOOK": "no"})
    verdicts = {}
    for match in STEP.finditer(output):
        failed, name, skipped, report = match.groups()
        state = "not run" if skipped else "red" if failed else "green"
        verdicts[name.split(":")[0].strip()] = Verdict(state, report)
    return verdicts, output


def selected(patch: Patch, verdicts: Verdicts) -> Verdicts:
    """Those that the patch's filter means."""
    pattern = re.compile(re.escape(patch.red).replace(r"\*", ".*") + r"\Z")
    return {name: verdict for name, verdict in verdicts.items() if pattern.match(name)}


ASK = {"integration_gate": ask_googletest, "journey": ask_journey}


def judge(program: str, real: str, mutants: list[tuple[Patch, str, str]]) -> int:
    """Prints a line for each mutant; how many were not caught."""
    ask = ASK[program]
    green, output = ask(real, [patch for patch, _, _ in mutants])
    escaped = 0
    for patch, broken, not_applied in mutants:
        problem = ""
        before = selected(patch, green)
        if Path(not_applied).exists():
            problem = ("the patch no longer applies to its file; make it again:\n"
                       + Path(not_applied).read_text(encoding="utf-8"))
        elif not before or any(verdict.state != "green" for verdict in before.values()):
            problem = f"the real program is not green in {patch.red}:\n{output}"
        else:
            verdicts, said = ask(broken, [patch])
            problem = find_problem(patch, before, verdicts, said)
        print(f"{'ESCAPED' if problem else 'caught '}  {patch.name}: {problem or 'red: ' + patch.red}", flush=True)
        escaped += bool(problem)
    print(f"{len(mutants)} mutants, {escaped} not caught")
    return escaped


def find_problem(patch: Patch, expected: Verdicts, verdicts: Verdicts, output: str) -> str:
    """Why the mutant does not count as caught; empty if it does."""
    for step in patch.after:
        if verdicts.get(step, Verdict("not run")).state != "green":
            return f"'{step}', which comes before, is not green on the mutant:\n{output}"
    for name in expected:
        verdict = verdicts.get(name, Verdict("not run"))
        if verdict.state != "red":
            return f"{name} is {verdict.state} on the mutant:\n{output}"
        if patch.says not in verdict.message:
            return f"{name} fails, but does not say '{patch.says}':\n{verdict.message}"
    return ""


# Programs that stand for the tests of a mutant: how they end -> whether that counts as caught.
LIARS = [
    ("red, as it should be", '"failures": [{"failure": "the byte came late"}]', "sys.exit(1)", True),
    ("green", '"failures": []', "sys.exit(0)", False),
    ("red for another reason", '"failures": [{"failure": "no database"}]', "sys.exit(1)", False),
    ("red, and then it crashes", '"failures": [{"failure": "the byte came late"}]', "os.abort()", False),
    ("another exit code", '"failures": [{"failure": "the byte came late"}]', "sys.exit(2)", False),
    ("no report", None, "sys.exit(1)", False),
]


def self_test() -> int:
    wrong = 0
    patch = Patch("liar", "On/Suite.Check/*", "the byte came late")

    def write(path: Path, failures: str | None, end: str) -> str:
        report = ('{"testsuites": [{"testsuite": [{"name": "Check/SQLite", "classname": "On/Suite", "status": "RUN", '
                  f'"result": "COMPLETED", {failures}}}]}}]}}')
        tell = f"open(sys.argv[2].split(':', 1)[1], 'w').write({report!r})" if failures else ""
        path.write_text(f"#!{sys.executable}\nimport os, sys\n{tell}\n{end}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def expect(what: str, real: str, broken: str, not_applied: str, caught: bool) -> None:
        nonlocal wrong
        print(f"-- {what}")
        if (judge("integration_gate", real, [(patch, broken, not_applied)]) == 0) != caught:
            print("judged wrongly")
            wrong += 1

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = write(folder / "real", '"failures": []', "sys.exit(0)")
        for what, failures, end, caught in LIARS:
            expect(what, real, write(folder / "broken", failures, end), str(folder / "none"), caught)
        red = write(folder / "red", *LIARS[0][1:3])
        expect("red already before", red, red, str(folder / "none"), False)
        expect("does not exist any more", write(folder / "empty", None, "sys.exit(0)"), red, str(folder / "none"), False)
        (folder / "note").write_text("1 out of 1 hunk FAILED")
        expect("a patch that does not apply", real, red, str(folder / "note"), False)
    print(f"{wrong} judged wrongly")
    return 1 if wrong else 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) < 4 or sys.argv[1] not in ASK:
        print(__doc__)
        return 2
    mutants = []
    for argument in sys.argv[3:]:
        patch, broken, not_applied = argument.split("=")
        mutants.append((read_patch(Path(patch), sys.argv[1]), broken, not_applied))
    return 1 if judge(sys.argv[1], sys.argv[2], mutants) else 0


if __name__ == "__main__":
    sys.exit(main())
