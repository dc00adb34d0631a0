#!/bin/sh
# Makes .venv: a virtual environment with what requirements.txt pins, and this checkout as a collection where Ansible
# finds it. Called by the Makefile, which knows when there is something to do.
set -eu
cd "$(dirname "$0")/.."

usable() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

first_usable() {
    for python in python3 python3.13 python3.12 python3.11 python3.14; do
        if usable "$python"; then
            echo "$python"
            return
        fi
    done
}

# Debian and Ubuntu ship Python without what makes virtual environments.
install_venv() {
    echo "installing python3-venv for .venv" >&2
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    apt() { apt-get -q -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1; }
    if ! apt install -y --no-install-recommends python3-venv; then
        apt update || true
        apt install -y --no-install-recommends python3-venv || { cat "$log" >&2; exit 1; }
    fi
    rm -f "$log"
    mkdir -p .cache
    echo python3-venv >>.cache/installed-packages
}

python=$(first_usable)
if [ -z "$python" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    install_venv
    python=$(first_usable)
fi
if [ -z "$python" ]; then
    echo "setup: no Python of version 3.11 or newer that can make virtual environments was found on PATH." >&2
    echo "Install one: 'sudo apt-get install python3-venv' on Debian 12 or Ubuntu 24.04 and newer;" >&2
    echo "'python3.11-venv' or newer on an older Ubuntu; 'sudo dnf install python3.12' on Fedora, RHEL and their kin." >&2
    exit 1
fi

# A leftover whose Python has gone is no environment any more.
[ -x .venv/bin/python ] || rm -rf .venv
echo "making .venv with $("$python" --version)" >&2
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --requirement requirements.txt --constraint requirements-constraints.txt
mkdir -p .venv/collections/ansible_collections/fathom
ln -sfn ../../../.. .venv/collections/ansible_collections/fathom/containers
