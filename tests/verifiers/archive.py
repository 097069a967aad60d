#!/usr/bin/env python3
"""Checks the archive of a served ledger with software that is not ours.

    archive.py DIR URL

DIR is what `hourbook serve --archive DIR` fills, URL that server. Every tile and every entry in DIR is judged by aics-tlog
against the checkpoint in it, and that checkpoint against the served one. Then copies are falsified: a bit of some
file differs, or a file is not there; each must be refused. Ends with 0 if all holds, else with 1.
"""

import pathlib
import random
import shutil
import sys
import tempfile
import urllib.request

import aics_tlog as t


def must(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")


def believe(note, key):
    verdict = t.verify_checkpoint(t.parse_note(note), key, expected_origin=key.name)
    must(verdict.ok, f"checkpoint: {verdict.error}")
    return verdict.size, verdict.root


def refuses(directory, size, root):
    try:
        t.audit_tiles(t.FileSystemTileReader(directory), size, root)
    except (t.TileMissingError, t.TileVerificationError, ValueError):
        return True
    return False


def falsify(file, dice):
    if dice.random() < 0.2:
        file.unlink()
        return "without"
    content = bytearray(file.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(content)
    return "with another"


def main():
    archive, url = pathlib.Path(sys.argv[1]), sys.argv[2].rstrip("/")
    get = lambda path: urllib.request.urlopen(url + path, timeout=30).read()
    key = t.parse_vkey(get("/log.vkey").decode().strip())
    size, root = believe((archive / "checkpoint").read_bytes(), key)
    must(size > 0 and size % 256 == 0, f"an archive of {size} entries")
    t.audit_tiles(t.FileSystemTileReader(archive), size, root)
    now, newest = believe(get("/checkpoint"), key)
    proof = t.consistency_proof_from_tiles(t.HttpTileReader(url), size, now)
    must(t.verify_consistency(size, now, root, newest, proof), f"{size} archived entries are no prefix of {now}")
    files = sorted(file for file in (archive / "tile").rglob("*") if file.is_file())
    dice = random.Random(2026)
    with tempfile.TemporaryDirectory() as work:
        copy = pathlib.Path(work) / "copy"
        shutil.copytree(archive, copy)
        must(not refuses(copy, size, root), "an honest copy is refused")
        for file in dice.sample(files, min(20, len(files))):
            false = copy / file.relative_to(archive)
            how = falsify(false, dice)
            must(refuses(copy, size, root), f"a copy {how} {file.relative_to(archive)} passes")
            shutil.copy(file, false)
    print(f"{size} archived entries in {len(files)} files are a prefix of the {now} served; 20 falsified copies refused")


main()
