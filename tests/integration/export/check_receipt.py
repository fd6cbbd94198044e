#!/usr/bin/env python3
"""check_receipt.py RECEIPT SCHEMA [--spoil]: checks a receipt for a consent with nothing of the project's own.

Ed25519 by the openssl program, the schema by jsonschema. Prints what is wrong; exit code 1 if anything is. With --spoil
copies are spoiled, one thing each, and every fault must be found.
"""
import base64
import copy
import hashlib
import json
import subprocess
import sys
import tempfile

import jsonschema


def is_signed(public_key, text, signature):
    der = bytes.fromhex("302a300506032b6570032100") + bytes.fromhex(public_key)
    with tempfile.TemporaryDirectory() as folder:
        contents = {"key": der, "text": text.encode(), "signature": base64.urlsafe_b64decode(signature + "==")}
        for name, data in contents.items():
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", f"{folder}/key", "-rawin",
             "-in", f"{folder}/text", "-sigfile", f"{folder}/signature"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def find_faults(document, schema):
    faults = [f"schema: {error.json_path}: {error.message[:160]}"
              for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]
    if faults:
        return faults
    receipt, signature = document["receipt"], document["signature"]
    canonical = json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if not is_signed(signature["public_key"], "calyptenora consent receipt\n" + canonical, signature["value"]):
        faults.append("signature")
    shown = hashlib.blake2b(document["shown_text"].encode(), digest_size=32).hexdigest()
    if receipt["evidence"]["shown_text_hash"] != (shown if receipt["evidence"]["shown_text_hash"] else ""):
        faults.append("shown text")
    return faults


def set_at(*path):
    *way, last, value = path

    def apply(document):
        for step in way:
            document = document[step]
        if document[last] == value:
            raise SystemExit(f"spoiling {way} {last} changes nothing")
        document[last] = value
    return apply


SPOILERS = [
    (set_at("receipt", "event", "event_state", "unknown"), "signature"),
    (set_at("receipt", "event", "event_time", "2020-01-01T00:00:00Z"), "signature"),
    (set_at("receipt", "parties", 1, "party_name", "Somebody else"), "signature"),
    (set_at("receipt", "pii_principal_id", "00000000-0000-7000-8000-000000000000"), "signature"),
    (set_at("receipt", "evidence", "policy_hash", "0" * 64), "signature"),
    (set_at("signature", "public_key", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), "signature"),
    (set_at("signature", "value", "A" * 86), "signature"),
    (set_at("shown_text", "We sell everything."), "shown text"),
    (set_at("receipt", "event", "event_state", "perhaps"), "schema: $.receipt.event.event_state"),
    (set_at("receipt", "purposes", []), "schema: $.receipt.purposes"),
    (set_at("receipt", "purposes", 0, "lawful_basis", "habit"), "schema: $.receipt.purposes[0].lawful_basis"),
    (set_at("receipt", "purposes", 0, "pii_information", []), "schema: $.receipt.purposes[0].pii_information"),
    (set_at("receipt", "parties", 0, "party_role", "nobody"), "schema: $.receipt.parties[0].party_role"),
    (lambda document: document["receipt"].pop("record_id"), "schema: $.receipt"),
    (lambda document: document["receipt"].update(more="x"), "schema: $.receipt"),
    (lambda document: document.pop("shown_text"), "schema: $"),
]


def main():
    document = json.load(open(sys.argv[1], encoding="utf-8"))
    schema = json.load(open(sys.argv[2], encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    faults = find_faults(document, schema)
    if sys.argv[3:] != ["--spoil"]:
        print(*faults, sep="\n")
        return 1 if faults else 0
    missed = len(faults)
    for number, (change, expected) in enumerate(SPOILERS):
        spoiled = copy.deepcopy(document)
        change(spoiled)
        found = find_faults(spoiled, schema)
        if not any(fault.startswith(expected) for fault in found):
            print(f"spoiler {number} was not found out; expected {expected!r}, found {found[:3]}")
            missed += 1
    print(f"{len(SPOILERS)} spoiled receipts, {missed} passed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
