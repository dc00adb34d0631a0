"""Making a release: the artifact that is uploaded, what is checked of it, and the version and the changelog it has."""

from __future__ import annotations
