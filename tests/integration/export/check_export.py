"""Reads an export without any code of the platform, and compares it with what the database holds.

    check_export.py ARCHIVE DUMP           prints what is wrong; exit code 1 if anything is
    check_export.py ARCHIVE DUMP --spoil   spoils copies of the archive, one thing each: every fault must be found

DUMP is the JSON of person.cpp: {table: [{column: database text, "hex:..." of what was sealed, or null}]}, and under
`expected` what the test says of recipients and language.
"""

import base64
import csv
import fnmatch
import io
import json
import re
import sys
import zipfile
from html.parser import HTMLParser

import jsonschema

import check_receipt

# Where a table goes under another name.
SETS = {"learners": "account", "subjects": "persons", "consent_events": "consent_history", "outbox": "events",
        "incident_people": "incidents"}
WITHHELD = {"sessions.token_hash", "learners.email_lookup", "subjects.erased_at", "requests.status_lookup",
            "requests.next_attempt_at", "requests.claimed_by", "requests.claim_until", "request_steps.next_attempt_at",
            "accesses.actor_enc", "access_reviews.rules", "access_reviews.remark", "access_reviews.reviewer_enc",
            "staff_events.actor_enc", "legal_demands.entered_by_enc", "legal_demands.assessed_by_enc",
            "legal_demands.released_by_enc"}
# Tables of which nothing is handed out.
STAY = {"ledger_heads", "checkpoint_heads", "emission_leases", "retained_records"}
MICROSECONDS = re.compile(r"(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z")
TAGS = set("html head meta title style body header main nav section h1 h2 h3 p ul li a dl dt dd code div table thead "
           "tbody tr th td time".split())
ATTRIBUTES = set("lang charset http-equiv content name class id href aria-labelledby scope tabindex datetime".split())
VOID = {"meta"}


def to_bytes(text: str) -> bytes:
    return base64.b64decode(text[len("base64:"):]) if text.startswith("base64:") else text.encode()


def to_database_text(value, of_json: bool):
    """What the database would hold for an exported value."""
    if value is None:
        return None
    if isinstance(value, str):
        moment = MICROSECONDS.fullmatch(value)
        if moment:
            import calendar
            *parts, micro = map(int, moment.groups())
            return str(calendar.timegm((*parts, 0, 0, 0)) * 1_000_000 + micro)
        return value
    return str(value) if of_json and isinstance(value, int) else json.dumps(value)


def is_same(expected, exported, of_json: bool) -> bool:
    if expected is None:
        return exported is None
    if expected.startswith("hex:"):
        plain = bytes.fromhex(expected[4:])
        if of_json and not isinstance(exported, str):
            return exported is not None and json.loads(plain) == exported
        return exported is not None and to_bytes(exported) == plain
    return to_database_text(exported, of_json) == expected


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.faults, self.texts, self.open, self.csp = [], [], [], None
        self.language = None

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS:
            self.faults.append(f"index.html has an element <{tag}>")
        for name, value in attributes:
            if name not in ATTRIBUTES:
                self.faults.append(f"index.html has an attribute {name}")
            if name == "href" and not re.fullmatch(r"#[a-z]+|recipients/[a-z0-9-]+\.json", value or ""):
                self.faults.append(f"index.html links to {value}")
        named = dict(attributes)
        if named.get("http-equiv") == "Content-Security-Policy":
            self.csp = named["content"]
        if tag == "html":
            self.language = named.get("lang")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"index.html closes <{tag}>, which is not the innermost element")

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


def check_html(html: str, dump: dict) -> list[str]:
    page = Page()
    page.feed(html)
    page.close()
    faults = page.faults
    if page.open:
        faults.append(f"index.html leaves open: {page.open}")
    if not (page.csp or "").startswith("default-src 'none'"):
        faults.append("index.html does not forbid itself to load")
    if page.language != dump["expected"]["language"]:
        faults.append(f"index.html is in {page.language}")
    text = "".join(page.texts)
    for table, column in (("learners", "display_name_enc"), ("learners", "email_enc"), ("case_messages", "body_enc"),
                          ("cases", "subject_line_enc"), ("consent_texts", "body"), ("orders", "reference")):
        for row in dump[table]:
            value = row[column]
            plain = bytes.fromhex(value[4:]).decode() if value.startswith("hex:") else value
            # As the page shows it: line ends alone.
            if plain.replace("\r", "") not in text and not plain.startswith("base64:"):
                faults.append(f"index.html lacks {table}.{column}: {plain!r}")
    for recipient in dump["expected"]["recipients"].values():
        if recipient["name"] not in text:
            faults.append(f"index.html does not name {recipient['name']}")
    return faults


def rows_by_key(rows: list[dict], columns: list[str]) -> list[tuple]:
    return sorted(rows, key=lambda row: [str(row.get(column)) for column in columns])


def check_records(name: str, exported: list[dict], expected: list[dict], table: str, of_json: bool) -> list[str]:
    faults = []
    plain = [column for column in expected[0] if not column.endswith("_enc") and f"{table}.{column}" not in WITHHELD
             ] if expected else []
    # Moments are spelt differently, but order alike with everything else.
    key = [column for column in plain if not column.endswith("_at") and column not in ("at", "since", "claim_until",
                                                                                       "event_time")]
    if len(exported) != len(expected):
        return [f"{name}: {len(exported)} records, the database has {len(expected)}"]
    for ours, theirs in zip(rows_by_key(exported, key), rows_by_key(expected, key)):
        wanted = {column.removesuffix("_enc"): value for column, value in theirs.items()
                  if f"{table}.{column}" not in WITHHELD}
        if set(wanted) != set(ours):
            faults.append(f"{name}: columns {sorted(set(wanted) ^ set(ours))} differ")
            break
        for column, value in wanted.items():
            if not is_same(value, ours[column], of_json):
                faults.append(f"{name}.{column}: exported {ours[column]!r}, the database has {value!r}")
    return faults


def check_csv(name: str, raw: bytes) -> tuple[list[str], list[dict]]:
    text = raw.decode("utf-8")
    faults = []
    if not text.endswith("\r\n"):
        faults.append(f"{name} does not end with a line end")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return [f"{name} is no CSV: {error}"], []
    head = lines[0]
    for line in lines[1:]:
        if len(line) != len(head):
            faults.append(f"{name}: a line of {len(line)} fields under {len(head)} headings")
    return faults, [dict(zip(head, line)) for line in lines[1:]]


def check_recipients(document: dict, files: set[str], archive, dump: dict) -> list[str]:
    faults = []
    expected = dump["expected"]["recipients"]
    found = {f"{recipient['instance']} {recipient['person']}": recipient for recipient in document["recipients"]}
    account = document["learner"]
    if set(found) != set(expected):
        faults.append(f"recipients: {sorted(found)}, not {sorted(expected)}")
    for name in set(found) & set(expected):
        recipient, wanted = found[name], expected[name]
        for ours, theirs in (("status", "status"), ("recipient", "name"), ("reason", "reason"), ("outcome", "outcome"),
                             ("sent", "sent"), ("pseudonym", "pseudonym")):
            if recipient[ours] != wanted[theirs]:
                faults.append(f"recipient {name}: {ours} is {recipient[ours]!r}, not {wanted[theirs]!r}")
        instance, person = name.split(" ")
        suffix = "" if person == account else f"-{person}"
        file = f"recipients/{instance.replace('/', '-')}{suffix}.json"
        if (file in files) != (recipient["outcome"] is not None):
            faults.append(f"{file} is there without an answer, or is missing")
        elif file in files and json.loads(archive.read(file)) != recipient:
            faults.append(f"{file} says something else than data.json")
    return faults


def check_receipts(archive, files: set[str], dump: dict) -> list[str]:
    events = {event["record_id"]: event for event in dump["consent_events"]}
    expected = {f"receipts/{record}.json" for record in events} | {"receipts/schema.json"}
    found = {file for file in files if file.startswith("receipts/")}
    if found != expected:
        return [f"receipts: {sorted(found ^ expected)} differ"]
    schema = json.loads(archive.read("receipts/schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    faults = []
    for record, event in events.items():
        document = json.loads(archive.read(f"receipts/{record}.json"))
        faults += [f"receipt: {fault}" for fault in check_receipt.find_faults(document, schema)]
        receipt = document["receipt"]
        if (receipt["event"]["event_state"], receipt["purposes"][0]["purpose"], receipt["parties"][1]["party_name"]) != (
                event["event_state"], event["purpose"], event["recipient_third_parties"]):
            faults.append(f"receipt {record} is about something else")
    return faults


def check(raw: bytes, dump: dict) -> list[str]:
    archive = zipfile.ZipFile(io.BytesIO(raw))
    if archive.testzip():
        return [f"{archive.testzip()} is damaged"]
    files = set(archive.namelist())
    secret = dump["expected"]["secret"].encode()
    leaks = [f"{name} holds a secret" for name in sorted(files) if secret in archive.read(name)]
    document = json.loads(archive.read("data.json"))
    schema = json.loads(archive.read("schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    faults = [f"schema: {error.json_path}: {error.message[:200]}"
              for error in jsonschema.Draft202012Validator(schema).iter_errors(document)][:5] + leaks
    if document["schema"] != schema["$id"]:
        faults.append("data.json names another schema")
    tables = [table for table in dump if table != "expected" and table not in STAY]
    names = {SETS.get(table, table) for table in tables}
    if set(document.get("records", {})) != names:
        faults.append(f"records: {sorted(set(document['records']) ^ names)} differ")
    wanted_files = {"index.html", "data.json", "schema.json"} | {f"csv/{name}.csv" for name in names}
    if {file for file in files if not file.startswith(("recipients/", "receipts/"))} != wanted_files:
        faults.append(f"files: {sorted(files ^ wanted_files)}")
        return faults
    for table in tables:
        name = SETS.get(table, table)
        faults += check_records(f"data.json {name}", document["records"].get(name, []), dump[table], table, True)
        broken, rows = check_csv(f"csv/{name}.csv", archive.read(f"csv/{name}.csv"))
        faults += broken
        # CSV has no null: an absent value and an empty text are both nothing to Python's reader.
        blank = [{column: "" if value is None or value == "hex:" else value for column, value in row.items()}
                 for row in dump[table]]
        if not broken:
            faults += check_records(f"csv {name}", rows, blank, table, False)
    faults += check_receipts(archive, files, dump)
    faults += check_recipients(document, files, archive, dump)
    faults += check_html(archive.read("index.html").decode("utf-8"), dump)
    return faults


def spoiled(raw: bytes, file: str, change) -> bytes:
    """A copy of the archive in which `change` was applied to one file's text; `None` leaves the file out."""
    source = zipfile.ZipFile(io.BytesIO(raw))
    file = min(name for name in source.namelist() if fnmatch.fnmatch(name, file) and name != "receipts/schema.json")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode("utf-8")
            if name == file:
                changed = change(text)
                if changed == text:
                    raise SystemExit(f"spoiling {file} changed nothing")
                text = changed
            if text is not None:
                target.writestr(name, text)
    return out.getvalue()


def in_data(change):
    def apply(text):
        document = json.loads(text)
        change(document)
        return json.dumps(document)
    return apply


SPOILERS = [
    # file, change, what must be said
    ("data.json", in_data(lambda d: d["records"]["events"].pop(3)), "data.json events"),
    ("data.json", in_data(lambda d: d["records"]["events"][0].update(instance="x/y")), "data.json events.instance"),
    ("data.json", in_data(lambda d: d["records"]["case_messages"][0].update(body="Guten Tag")), "case_messages.body"),
    ("data.json", in_data(lambda d: d["records"]["plugin_store"][0].update(value="base64:AAAA")), "plugin_store.value"),
    ("data.json", in_data(lambda d: d["records"]["orders"][0].update(instructions={})), "orders.instructions"),
    ("data.json", in_data(lambda d: d["records"]["account"][0].update(created_at="2026-11-25T12:00:00.000001Z")),
     "account.created_at"),
    ("data.json", in_data(lambda d: d["records"]["account"][0].pop("email")), "schema: $.records.account[0]"),
    ("data.json", in_data(lambda d: d["records"]["sessions"][0].update(token_hash="x")), "schema: $.records.sessions[0]"),
    ("data.json", in_data(lambda d: d["records"]["events"][0].update(attempts="0")), "schema: $.records.events[0].attempts"),
    ("data.json", in_data(lambda d: d["records"]["events"][0].update(created_at="yesterday")),
     "schema: $.records.events[0].created_at"),
    ("data.json", in_data(lambda d: d["records"].pop("objections")), "schema: $.records"),
    ("data.json", in_data(lambda d: d["recipients"].pop()), "recipients: "),
    ("data.json", in_data(lambda d: d["recipients"][0].update(status="perhaps")), "schema: $.recipients[0].status"),
    ("csv/disclosures.csv", lambda text: text[:text.rindex("\r\n", 0, -2) + 2], "csv disclosures"),
    ("csv/case_messages.csv", lambda text: text.replace('""', '"', 1), "case_messages"),
    ("csv/cases.csv", lambda text: text.replace("alert(2)", "alert(3)"), "csv cases.subject_line"),
    ("csv/watch_time.csv", lambda text: None, "files: "),
    ("index.html", lambda text: text.replace("&lt;script&gt;", "<script>", 1), "an element <script>"),
    ("index.html", lambda text: text.replace("&lt;img src=x onerror", "<img src=x onerror", 1), "an attribute onerror"),
    ("index.html", lambda text: text.replace("&lt;/td&gt;", "</td>", 1), "which is not the innermost element"),
    ("index.html", lambda text: text.replace('href="#files"', 'href="https://example.org/"'), "links to https"),
    ("index.html", lambda text: text.replace("Grüße", "Gruesse"), "lacks case"),
    ("index.html", lambda text: text.replace("</main>", "$argon2id$v=19$never-hand-this-out</main>"), "holds a secret"),
    ("index.html", lambda text: text.replace("default-src", "img-src"), "does not forbid itself"),
    ("receipts/*.json", lambda text: text.replace('"event_state":"', '"event_state":"w'), "receipt: "),
    ("receipts/*.json", lambda text: text.replace("Lernarchiv", "Leerarchiv"), "receipt: signature"),
    ("receipts/*.json", lambda text: None, "receipts: "),
    ("recipients/analytics-xapi.json", lambda text: text.replace("done", "gone"), "says something else"),
    ("recipients/analytics-xapi.json", lambda text: None, "recipients/analytics-xapi.json is there without"),
]


def main() -> int:
    raw = open(sys.argv[1], "rb").read()
    dump = json.load(open(sys.argv[2], encoding="utf-8"))
    if sys.argv[3:] != ["--spoil"]:
        faults = check(raw, dump)
        print(*faults[:20], sep="\n")
        return 1 if faults else 0
    missed = 0
    for number, (file, change, expected) in enumerate(SPOILERS):
        faults = check(spoiled(raw, file, change), dump)
        if not any(expected in fault for fault in faults):
            print(f"spoiler {number} of {file} was not found out; expected '{expected}', found {faults[:3]}")
            missed += 1
    print(f"{len(SPOILERS)} spoiled archives, {missed} passed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
