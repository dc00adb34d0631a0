"""A Debian virtual machine under test: cgroup v2, systemd, Docker, Podman and other engines, reached over ssh.

Its parts: `image` makes the disk from Debian packages, `golden` boots it once and takes a snapshot of it running,
`machine` resumes copies of that snapshot in seconds, `qemu` and `shell` are how it is run and spoken to. `guest/` is
what runs inside it.
"""
