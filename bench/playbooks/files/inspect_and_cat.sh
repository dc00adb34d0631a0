# What an administrator types who wants to know a container's limit and what it uses; the ids come on standard input.
while read -r id || [ -n "$id" ]; do
    docker inspect "$id"
    pid=$(docker inspect --format '{{.State.Pid}}' "$id")
    cat "/proc/$pid/cgroup"
    path=$(sed -n 's/^[0-9]*:memory://p' "/proc/$pid/cgroup")
    if [ -n "$path" ]; then
        cd "/sys/fs/cgroup/memory$path" && cat memory.limit_in_bytes memory.usage_in_bytes
    else
        cd "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")" && cat memory.max memory.current
    fi
done
