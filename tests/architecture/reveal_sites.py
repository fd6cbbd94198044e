"""Lists where personal data and secrets are opened, and allows no other place.

    reveal_sites.py ROOT            prints each place that the list below does not hold, and each entry that no place
                                    answers to; exit code 1 if there is any
    reveal_sites.py --self-test     runs the check on small trees: each change must be found out

`Personal<>` and `Secret` can be read in one way only, by `reveal`; what leaves for a plugin goes through the gate's
serialiser instead, which reads them through `release_detail::Access`. Whoever opens a datum in a new place adds a row
here and says to whom it is shown, so that the next reader judges it.
"""

import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

# (file, what is opened, for whom) -> why. A datum that is opened twice in one file stands there with `TWICE`.
TWICE = 2
SUBJECT = "gate::ForSubject{}"
ALLOWED = {
    ("core/http/pages/account_pages.cpp", "viewer.display_name", SUBJECT): "the account page shows people their name",
    ("core/http/pages/account_pages.cpp", "viewer.email", SUBJECT): "and the address with which they sign in",
    ("core/http/pages/profile_page.cpp", "visit.viewer()->display_name", SUBJECT): "the profile shows people their name",
    ("core/http/pages/profile_page.cpp", "education", SUBJECT): "and what they say of their education",
    ("core/http/pages/security_pages.cpp", "visit.viewer()->email", SUBJECT):
        ("the address with which they sign in; how often a link to it may be asked for", TWICE),
    ("core/http/pages/security_pages.cpp", "state->awaited_email", SUBJECT): "the address that they want to have instead",
    ("core/http/pages/staff_pages.cpp", "record.education", "opened"): "comes with how far somebody is",
    ("core/cli/operations.cpp", "document", "*opened"):
        "the operator carries out cancellations and withdrawals, and the access log is written",
    ("core/http/pages/contract_pages.cpp", "visit.viewer()->display_name", SUBJECT): "the form comes filled in",
    ("core/http/pages/contract_pages.cpp", "visit.viewer()->email", SUBJECT): "with the learner's own details",
    ("core/http/pages/contract_pages.cpp", "found->document", SUBJECT):
        "the confirmation, at an address that nobody but its author knows",
    ("core/http/pages/news_pages.cpp", "visit.viewer()->email", SUBJECT): "how often a link to it may be asked for",
    ("core/http/pages/notes_pages.cpp", "placed.note.text", SUBJECT): "the learner's own notes",
    ("core/http/pages/rights_pages.cpp", "visit.viewer()->display_name", SUBJECT): "the name that can be corrected",
    ("core/http/pages/rights_pages.cpp", "viewer.email", SUBJECT): "the password is checked once more before an erasure",
    ("core/http/pages/staff_pages.cpp", "record.name", "opened"): "what the role of the staff may see of a person",
    ("core/http/pages/staff_pages.cpp", "record.email", "opened"): "once it is in the person's access log",
    ("core/http/pages/staff_pages.cpp", "text", "opened"): "the help desk reads the messages of a case",
    ("core/http/pages/staff_pages.cpp", "shown.subject", "opened"): "and its heading",
    ("core/http/pages/support_pages.cpp", "visit.viewer()->display_name", SUBJECT):
        "a case is shown to the learner who opened it, with the name beside their own messages",
    ("core/http/pages/support_pages.cpp", "text", SUBJECT): "the messages of that case",
    ("core/http/pages/support_pages.cpp", "found->subject", SUBJECT): "its heading",
    ("core/http/pages/support_pages.cpp", "found.subject", SUBJECT): "the list of the learner's own cases",
    ("core/http/pages/visit.cpp", "viewer()->display_name", SUBJECT): "every page names who is signed in",
    ("core/platform/export/csv_table.cpp", "row", SUBJECT): "the export of a learner's own data: as CSV",
    ("core/platform/export/json_document.cpp", "row", SUBJECT): "as JSON",
    ("core/platform/export/page.cpp", "row", SUBJECT): "as a page",
    ("core/platform/export/page.cpp", "head.name", SUBJECT): "for whom that page is",
    ("core/platform/export/page.cpp", "head.email", SUBJECT): "and at which address",
    ("core/platform/export/exporter.cpp", "row", SUBJECT): "to name what of it cannot be read any more",
    ("core/gate/release.hpp", "release_detail::Access", ""): "the serialiser of what the gate has released",
    ("core/cli/instance_plans.cpp", "secret", ""): "the host blackens a plugin's secrets in what the plugin logs",
    ("core/cli/doctor.cpp", "mail.password", ""): "doctor signs in at the mail server; the copy is wiped",
    ("core/host/core_mail.cpp", "mail.password", ""): "each letter is submitted with it; the copy is wiped",
    ("core/cli/stores.cpp", "postgresql->url", ""): "the address with which the database is opened",
    ("core/cli/stores.cpp", "settings.master_key", ""): "the key of the key store",
    ("core/settings/plugin_settings.cpp", "value", ""): "a plugin is told its own settings; the document is wiped",
    ("core/settings/read_database.cpp", "url", ""): ("which database it is, and where", TWICE),
    ("core/settings/read_database.cpp", "text", ""): "the master key's base64 is decoded",
}
# What makes `reveal` and `Access` is no use of them.
DEFINITIONS = {"core/gate/personal.hpp", "core/platform/export/row.hpp", "core/settings/secret.hpp"}
# A chain of names, members and empty calls, then `reveal(` and what stands between its parentheses.
CALL = re.compile(r"([A-Za-z_][\w:]*(?:\(\))?(?:(?:\.|->)\w+(?:\(\))?)*)\s*(?:\.|->)\s*reveal\s*\(([^)]*)\)")
# Other ways to the value: anything that mentions it and is not a call as above.
MENTION = re.compile(r"\breveal\b")
ACCESS = re.compile(r"\b(release_detail::Access)::")
SOURCE_SUFFIXES = {".c", ".cpp", ".h", ".hpp"}


def sites_in(text: str) -> list[tuple[str, str]]:
    """(what is opened, for whom) in one file."""
    code = re.sub(r'//.*|"(?:[^"\\\n]|\\.)*"', "", text)
    sites = [(match.group(1), " ".join(match.group(2).split())) for match in CALL.finditer(code)]
    others = len(MENTION.findall(code)) - len(sites)
    return sites + [("something that is not simply a name", "")] * others + [
        (match.group(1), "") for match in ACCESS.finditer(code)]


def check(root: Path, allowed: dict) -> list[str]:
    opened = Counter()
    for folder in ("core", "plugins"):
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix not in SOURCE_SUFFIXES or "node_modules" in path or path in DEFINITIONS:
                continue
            opened.update((path, *site) for site in sites_in(file.read_text(encoding="utf-8")))
    expected = Counter({site: why[1] if isinstance(why, tuple) else 1 for site, why in allowed.items()})
    found = []
    for (path, what, audience), count in sorted((opened - expected).items()):
        found.append(f"{path}: opens {what} for '{audience}' in {count} place(s) that the list of "
                     "tests/architecture/reveal_sites.py does not hold; add it with its reason")
    for (path, what, _), count in sorted((expected - opened).items()):
        found.append(f"{path}: opens {what} in {count} place(s) fewer than the list says; take it off the list")
    return found


GOOD = 'view["name"] = viewer.name.reveal(gate::ForSubject{}).value_or("");\n'
GOOD_LIST = {("core/http/page.cpp", "viewer.name", SUBJECT): "shown to its subject"}
# What is added to the file -> what the check must say about it.
BAD = [
    ("log(viewer.email.reveal(gate::ForSubject{}));\n", "opens viewer.email for"),
    ("log(viewer.name.reveal(gate::ForSubject{}));\n", "opens viewer.name for"),
    ('log(viewer.name.reveal(gate::ForStaff{"curious"}));\n', "opens viewer.name for 'gate::ForStaff{}'"),
    ("log(found->secret\n    .reveal());\n", "opens found->secret for ''"),
    ("log(list[0].reveal());\n", "something that is not simply a name"),
    ("std::ranges::transform(names, out, &Personal::reveal);\n", "something that is not simply a name"),
    ("log(gate::release_detail::Access::value(viewer.name));\n", "opens release_detail::Access"),
]


def self_test() -> int:
    failures = 0

    def judge(text: str, expected: str | None, allowed: dict = GOOD_LIST) -> None:
        nonlocal failures
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "core/http/page.cpp"
            page.parent.mkdir(parents=True)
            page.write_text(text, encoding="utf-8")
            found = check(Path(folder), allowed)
        if (found if expected is None else len(found) != 1 or expected not in found[0]):
            print(f"judged wrongly: {text!r} (expected: {expected}; found: {found})")
            failures += 1

    judge(GOOD + "// viewer.email.reveal(gate::ForSubject{}) would be another\n", None)
    for line, expected in BAD:
        judge(GOOD + line, expected)
    judge("", "take it off the list")
    print(f"{len(BAD) + 2} trees, {failures} judged wrongly")
    return 1 if failures else 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    found = check(Path(sys.argv[1]).resolve(), ALLOWED)
    print(*found, sep="\n")
    print(f"{len(ALLOWED)} places on the list, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
