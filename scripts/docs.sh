#!/bin/sh
# Builds the site below dist/docs from docs/, the pages of the roles and what ansible-doc has. A warning is an error.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
source=.cache/docs

rm -rf "$source"
mkdir -p "$source" dist
# At their own places, so that links between them lead where they do on a forge.
git ls-files -z --cached --others --exclude-standard ':(glob)*.md' LICENSE docs 'roles/*/README.md' | xargs -0 cp --parents --target-directory "$source"
mv "$source"/docs/site/* "$source"
rmdir "$source/docs/site"
mkdir -m 755 "$source/collections"
antsibull-docs --config-file "$source/antsibull-docs.cfg" collection --use-current --fail-on-error \
    --cleanup everything --squash-hierarchy --dest-dir "$source/collections" fathom.containers
sphinx-build --quiet --fail-on-warning --keep-going -b html "$source" dist/docs
echo "dist/docs/index.html"
