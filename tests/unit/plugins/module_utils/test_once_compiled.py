# Copyright (c) 2026, The fathom.containers contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from ansible_collections.fathom.containers.plugins.module_utils import once_compiled

# Prints how often the only module of an archive is compiled while it is imported.
COUNT = """
import sys
compiled = []
sys.addaudithook(lambda event, words: compiled.append(words[1]) if event == "compile" else None)
sys.path.insert(0, sys.argv[1])
import in_the_archive
print(sum(str(name).endswith("in_the_archive.py") for name in compiled))
"""


def test_a_module_in_an_archive_is_compiled_once(tmp_path):
    archive = tmp_path / "payload.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("in_the_archive.py", "FOUND = True\n")
    program = Path(once_compiled.__file__).read_text(encoding="utf-8") + COUNT
    done = subprocess.run([sys.executable, "-c", program, str(archive)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
