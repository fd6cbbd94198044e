#!/usr/bin/env python3
"""check_proof.py FILE: checks a document of `calyptenora ledger proof` with nothing of the project's own.

It says the format as well: BLAKE2b of 256 bits throughout, in hex; Ed25519 (by the openssl program); a tree in the
shape of RFC 9162. Exit code 1, and the reason, if the document does not prove what it shows.
"""
import base64
import hashlib
import json
import subprocess
import sys
import tempfile

FIELDS = {
    "consents": """record_id pii_principal_id event_time event_type event_state entity_id instance purpose
        recipient_third_parties privacy_notice language action validity_duration text_hash choices_hash manifest_hash
        policy_hash""".split(),
    "disclosures": """id subject kind call_id instance recipient purpose operation categories host commitment outcome
        at""".split(),
    "accesses": "id subject actor_enc role part reason at".split(),
}
SUBJECT = {"consents": "pii_principal_id", "disclosures": "subject", "accesses": "subject"}


def digest(text):
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def require(truth, what):
    if not truth:
        sys.exit(what)


def link(row, names):
    parts = [row["previous_hash"]] + [row["fields"][name] for name in names]
    return digest(" ".join([str(row["sequence"])] + [f"{len(part.encode())}:{part}" for part in parts]))


def climb(leaf, index, size, path):
    if size == 1:
        require(not path, "the path is too long")
        return leaf
    left = 1 << ((size - 1).bit_length() - 1)
    if index < left:
        return digest(f"node {climb(leaf, index, left, path[:-1])} {path[-1]}")
    return digest(f"node {path[-1]} {climb(leaf, index - left, size - left, path[:-1])}")


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


def check(chain, subject, public_key):
    ledger, inclusion = chain["ledger"], chain["inclusion"]
    names, checkpoint = FIELDS[ledger], inclusion["checkpoint"]
    before = ""
    for number, row in enumerate(chain["rows"], 1):
        require(row["sequence"] == number, f"{ledger}: row {number} is missing")
        require(set(row["fields"]) == set(names), f"{ledger}: row {number} has other fields")
        require(row["fields"][SUBJECT[ledger]] == subject, f"{ledger}: row {number} is about somebody else")
        require(row["previous_hash"] == before, f"{ledger}: row {number} does not follow")
        require(row["hash"] == link(row, names), f"{ledger}: row {number} is altered")
        before = row["hash"]
    require(len(chain["rows"]) == inclusion["count"] and before == inclusion["hash"], f"{ledger}: other rows")
    leaf = digest(f"leaf {inclusion['salt']} {checkpoint['sequence']} {ledger} {subject} {inclusion['count']} "
                  f"{inclusion['hash']}")
    root = climb(leaf, inclusion["index"], checkpoint["heads"], inclusion["path"])
    require(root == checkpoint["root"], f"{ledger}: not in the checkpoint")
    text = (f"calyptenora ledger checkpoint\nsequence {checkpoint['sequence']}\nat {checkpoint['at']}\n"
            f"heads {checkpoint['heads']}\nroot {checkpoint['root']}\nprevious {checkpoint['previous_hash']}\n")
    require(is_signed(public_key, text, checkpoint["signature"]), f"{ledger}: the checkpoint is not signed")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        proof = json.load(file)
    require(proof["format"] == "calyptenora ledger proof 1" and proof["chains"], "no proof")
    for chain in proof["chains"]:
        check(chain, proof["subject"], proof["public_key"])
    print(f"valid for {proof['subject']}, signed with {proof['public_key']}")


main()
