"""What a module of the collection weighs as Ansible sends it: prints JSON for one of them.

python -m bench.payload MODULE ARGUMENTS PAYLOAD  puts the module with its ARGUMENTS (JSON) into the file PAYLOAD
python -m bench.payload import MODULE PAYLOAD     the seconds to import it, beyond what AnsibleModule takes
"""

from __future__ import annotations

import base64
import importlib
import io
import json
import re
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, module_loader
from ansible.template import Templar

_ZIP = re.compile(rb"zip_data=['\"]([A-Za-z0-9+/=]+)['\"]")


def pack(name: str, arguments: str, payload: str) -> dict[str, int]:
    """The bytes of the archive and of what is in it, and the number of files."""
    init_plugin_loader()
    path = module_loader.find_plugin(name)
    built = modify_module(
        module_name=name,
        module_path=path,
        module_args=json.loads(arguments),
        templar=Templar(DataLoader()),
        task_vars={"ansible_python_interpreter": sys.executable, "ansible_playbook_python": sys.executable},
        module_compression="ZIP_DEFLATED",
        remote_is_local=True,
    )
    Path(payload).write_bytes(built.b_module_data)
    archive = _archive(built.b_module_data)
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        sizes = [member.file_size for member in members.infolist()]
    return {"zipped_bytes": len(archive), "bytes": sum(sizes), "files": len(sizes)}


def imported(name: str, payload: str) -> dict[str, Any]:
    archive = Path(payload).with_suffix(".zip")
    archive.write_bytes(_archive(Path(payload).read_bytes()))
    for loaded in [one for one in sys.modules if one.partition(".")[0] in {"ansible", "ansible_collections"}]:
        del sys.modules[loaded]
    sys.path.insert(0, str(archive))
    importlib.import_module("ansible.module_utils.basic")
    collection, _dot, module = name.rpartition(".")
    begin = time.perf_counter()
    importlib.import_module(f"ansible_collections.{collection}.plugins.modules.{module}")
    return {"seconds": time.perf_counter() - begin}


def _archive(module: bytes) -> bytes:
    found = _ZIP.search(module)
    if not found:
        raise SystemExit("bench.payload: this version of Ansible packs modules in another way than the bench knows")
    return base64.b64decode(found[1])


def main() -> None:
    first, *words = sys.argv[1:]
    print(json.dumps(imported(*words) if first == "import" else pack(first, *words)))


if __name__ == "__main__":
    main()
