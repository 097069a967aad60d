#!/usr/bin/env python3
"""Checks a served ledger with software that is not ours, while the ledger grows.

    check.py URL KEYS

URL is a running `hourbook serve` on a demo town, KEYS the directory with that town's demo keys. The tree, the notes and
the proofs are judged by aics-tlog alone; what is written here is only how to fetch, and how to sign an event, from the
published formats. Ends with 0 if all holds and every falsification is refused, else with 1.
"""

import base64
import hashlib
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import aics_tlog as t
from cryptography.hazmat.primitives.serialization import load_pem_private_key

EVENT_TYPE = b"application/vnd.hourbook.event.v1+protobuf"
WHILE_SECONDS = float(os.environ.get("HOURBOOK_VERIFIER_SECONDS", "10"))


def fail(why):
    print(f"FAILED: {why}", file=sys.stderr)
    os._exit(1)


def must(holds, what):
    if not holds:
        fail(what)


class Server:
    def __init__(self, base):
        self.base = base.rstrip("/")
        self.token = None

    def send(self, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def get(self, path, token=None):
        status, body = self.send(path, token=token)
        must(status == 200, f"GET {path}: {status} {body[:300]}")
        return body

    def json(self, path, body=None, token=None):
        status, answer = self.send(path, body, token)
        must(status in (200, 201), f"{path}: {status} {answer[:300]}")
        return json.loads(answer)


def pae(kind, body):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


class Signer:
    """Someone with a key, signing as `proto/hourbook/v1/event.proto` says."""

    def __init__(self, server, pem):
        self.server = server
        self.key = load_pem_private_key(pem.read_bytes(), None)
        public = self.key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(b"hourbook/key/v1\0" + public).hexdigest()[:32]
        challenge = server.json("/v1/sessions/challenge", {"key_id": self.key_id})
        signature = self.key.sign(pae(challenge["type"].encode(), challenge["body"].encode()))
        session = {"key_id": self.key_id, "nonce": challenge["nonce"], "signature": b64(signature)}
        opened = server.json("/v1/sessions", session)
        self.token, self.person = opened["token"], bytes.fromhex(opened["member"].replace("-", ""))
        self.origin = server.json("/v1/ledger")["origin"]

    def consent(self, agreed):
        """An envelope that says whether the signer's name may be shown."""
        now = time.time_ns() // 1_000_000
        tail = bytearray(os.urandom(10))
        tail[0], tail[2] = 0x70 | tail[0] & 0x0F, 0x80 | tail[2] & 0x3F
        given = field(1, self.person) + number(2, 1) + (number(3, 1) if agreed else b"")
        event = b"".join([
            field(1, now.to_bytes(6, "big") + bytes(tail)),
            field(2, self.origin.encode()),
            field(3, number(1, 3) + field(2, self.person)),
            field(4, field(3, b"")),
            number(5, now),
            field(6, self.person),
            number(8, 1),
            field(20, field(3, given)),
        ])
        signature = self.key.sign(pae(EVENT_TYPE, event))
        signatures = [{"keyid": self.key_id, "sig": b64(signature)}]
        return {"payload": b64(event), "payloadType": EVENT_TYPE.decode(), "signatures": signatures}


def b64(data):
    return base64.b64encode(data).decode()


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(tag, value):
    return varint(tag << 3) + varint(value)


def field(tag, data):
    return varint(tag << 3 | 2) + varint(len(data)) + data


class Entries:
    """Tiles for everybody, bundles with an auditor's token."""

    def __init__(self, server, token):
        self.server, self.token = server, token
        self.tiles = t.HttpTileReader(server.base)

    def read_tile(self, level, index, width):
        return self.tiles.read_tile(level, index, width)

    def read_entry_bundle(self, index, width):
        status, body = self.server.send("/" + t.tiles.entry_bundle_path(index, width), token=self.token)
        return body if status == 200 else None


class Log:
    """What a stranger believes of the log so far."""

    def __init__(self, server):
        self.server = server
        self.key = t.parse_vkey(server.get("/log.vkey").decode().strip())
        self.heads = {}

    def tiles(self):
        return t.HttpTileReader(self.server.base)

    def believe(self, note):
        """The size and root of a checkpoint that verifies and fits everything believed before."""
        verdict = t.verify_checkpoint(t.parse_note(note), self.key, expected_origin=self.key.name)
        must(verdict.ok, f"checkpoint: {verdict.error}")
        size, root = verdict.size, verdict.root
        must(self.heads.setdefault(size, root) == root, f"two roots of size {size}")
        return size, root

    def look(self):
        size, root = self.believe(self.server.get("/checkpoint"))
        must(t.tree_root_from_tiles(self.tiles(), size) == root, f"the tiles of size {size} have another root")
        return size, root

    def grew(self, old, new):
        """The older head is a prefix of the newer, by the tiles and by the served proof."""
        proof = t.consistency_proof_from_tiles(self.tiles(), old, new)
        must(t.verify_consistency(old, new, self.heads[old], self.heads[new], proof), f"{old} is no prefix of {new}")
        served = self.server.json(f"/v1/consistency?from={old}&to={new}")
        must([base64.b64decode(h) for h in served["hashes"]] == proof, f"served consistency {old} to {new}")

    def receipt(self, text):
        """Checks the form of a tlog-proof file; its index, hashes and checkpoint."""
        lines, _, checkpoint = text.partition("\n\n")
        header, index, *hashes = lines.split("\n")
        must(header == "c2sp.org/tlog-proof@v1" and index.startswith("index "), f"tlog-proof: {lines}")
        size, root = self.believe(checkpoint.encode())
        return int(index.removeprefix("index ")), [base64.b64decode(h) for h in hashes], size, root

    def proves(self, text, leaf=None):
        index, hashes, size, root = self.receipt(text)
        must(t.inclusion_proof_from_tiles(self.tiles(), index, size) == hashes, f"proof of {index} in {size}")
        width = min(256, size - index // 256 * 256)
        tile = self.tiles().read_tile(0, index // 256, None if width == 256 else width)
        found = tile[index % 256 * 32:][:32]
        must(leaf in (None, found), f"leaf {index} is another than its receipt says")
        must(t.verify_inclusion(found, index, size, hashes, root), f"leaf {index} is not under {size}")
        lie = hashlib.sha256(found).digest()
        must(not t.verify_inclusion(lie, index, size, hashes, root), "another leaf verifies")


def grow(server, signer, log, ended, grown):
    """Hands in events, one after the other and in batches, and checks each answer."""
    while not ended.is_set():
        batch = [{"envelope": signer.consent(n % 2 == 0)} for n in range(random.choice([1, 1, 1, 40, 300]))]
        answer = server.json("/v1/events", {"submissions": batch})
        must(len(answer["receipts"]) == len(answer["proofs"]) == len(batch), "a receipt lacks its proof")
        at = random.randrange(len(batch))
        log.proves(answer["proofs"][at], bytes.fromhex(answer["receipts"][at]["leaf_hash"]))
        grown[0] += len(batch)


def copy(server, size, folder, token):
    """The tree of one size as plain files."""
    level, count = 0, size
    while count:
        for index in range(-(-count // 256)):
            width = min(256, count - index * 256)
            paths = [t.tiles.tile_path(level, index, None if width == 256 else width)]
            if level == 0:
                paths.append(t.tiles.entry_bundle_path(index, None if width == 256 else width))
            for path in paths:
                file = folder / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(server.get("/" + path, token))
        level, count = level + 1, count // 256


def refuses(folder, size, root):
    """Whether the verifier refuses what is in the folder as the tree of this size and root."""
    try:
        t.audit_tiles(t.FileSystemTileReader(folder), size, root)
    except (ValueError, OSError):
        return True
    return False


def tamper(folder, size, root):
    """Changes one thing at a time in a plain copy; each change is refused, and all is well again without it."""
    must(not refuses(folder, size, root), "an honest copy is refused")
    tiles = sorted(p for p in folder.glob("tile/0/**/*") if p.is_file())
    bundles = sorted(p for p in folder.glob("tile/entries/**/*") if p.is_file())
    changed = 0
    for file in random.sample(tiles, min(5, len(tiles))) + random.sample(bundles, min(5, len(bundles))):
        honest = file.read_bytes()
        at = random.randrange(2, len(honest))
        file.write_bytes(honest[:at] + bytes([honest[at] ^ 1]) + honest[at + 1:])
        must(refuses(folder, size, root), f"one changed bit in {file.relative_to(folder)} is not noticed")
        file.write_bytes(honest)
        changed += 1
    leaf = tiles[0].read_bytes()
    tiles[0].write_bytes(leaf[32:64] + leaf[:32] + leaf[64:])
    must(refuses(folder, size, root), "two swapped leaves are not noticed")
    proof = t.inclusion_proof_from_tiles(t.FileSystemTileReader(folder), 0, size)
    must(not t.verify_inclusion(leaf[32:64], 0, size, proof, root), "a swapped leaf verifies")
    tiles[0].write_bytes(leaf)
    must(not refuses(folder, size, root), "the honest copy is refused again")
    return changed + 1


def main():
    server, keys = Server(sys.argv[1]), pathlib.Path(sys.argv[2])
    for path in ["/tile/entries/000", "/tile/entries/000.p/1"]:
        must(server.send(path)[0] == 403, f"{path} is open to everybody")
    worker, auditor = Signer(server, keys / "worker.pem"), Signer(server, keys / "auditor.pem")
    must(server.send("/tile/entries/000", token=worker.token)[0] == 403, "entries are open to a worker")

    log, ended, grown = Log(server), threading.Event(), [0]
    before, _ = log.look()
    writer = threading.Thread(target=grow, args=(server, worker, log, ended, grown), daemon=True)
    writer.start()
    sizes, end = [before], time.monotonic() + WHILE_SECONDS
    while time.monotonic() < end or len(sizes) < 4:
        size, _ = log.look()
        log.grew(random.choice(sizes), size)
        log.proves(server.get(f"/v1/events/{random.randrange(size)}/proof").decode())
        sizes.append(size)
    ended.set()
    writer.join()
    size, root = log.look()
    must(size >= before + grown[0] > before, f"{grown[0]} events were taken, but {before} grew to {size}")
    for old in sorted(log.heads):
        log.grew(old, size)
    print(f"{before} entries grew to {size}; {len(log.heads)} checkpoints verified, each a prefix of the last")

    t.audit_tiles(Entries(server, auditor.token), size, root)
    print(f"every one of {size} entries hashes to its leaf")
    with tempfile.TemporaryDirectory() as folder:
        copy(server, size, pathlib.Path(folder), auditor.token)
        print(f"{tamper(pathlib.Path(folder), size, root)} falsified copies refused, the honest one accepted")


main()
