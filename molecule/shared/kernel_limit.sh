#!/bin/sh
# kernel_limit.sh CONTAINER LEVELS_UP BYTES: set the memory limit of a container's cgroup, or of one above it.
set -eu
pid=$(docker inspect --format '{{.State.Pid}}' "$1")
path=$(sed -n 's/^[0-9]*:\([^:]*,\)\{0,1\}memory\(,[^:]*\)\{0,1\}://p' "/proc/$pid/cgroup")
if [ -n "$path" ]; then
    cgroup=/sys/fs/cgroup/memory$path
    file=memory.limit_in_bytes
else
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
    file=memory.max
fi
for _ in $(seq "$2"); do
    cgroup=$(dirname "$cgroup")
done
echo "$3" >"$cgroup/$file"
