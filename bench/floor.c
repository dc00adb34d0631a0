/*
 * What the kernel itself charges: finds the containers' cgroups and reads, of each, the files that
 * container_cgroup_facts reads by default, into one buffer, and does nothing with what it read.
 *
 *   floor list    finds the containers and their processes only
 *   floor read    reads their files as well
 *
 * Prints a line of JSON with the numbers of containers and of files, so that the two can be told to be alike.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_LENGTH = 64, MOST_MOUNTS = 64, PATH_BYTES = 4096 };

struct mount {
    int version;
    char point[512];
    char options[512]; /* with a comma before and after each */
};

/* Which files of which controller; on v2 they all lie in one directory. */
static const char *const files_v1[][10] = {
    {"memory", "memory.stat", "memory.oom_control", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes",
     "memory.soft_limit_in_bytes", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt"},
    {"cpu", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.shares", "cpu.stat"},
    {"cpuacct", "cpuacct.usage"},
    {"cpuset", "cpuset.cpus", "cpuset.mems", "cpuset.effective_cpus"},
    {"pids", "pids.max", "pids.current", "pids.events"},
};
static const char *const files_v2[][16] = {
    {"memory", "memory.stat", "memory.events", "memory.max", "memory.swap.max", "memory.oom.group", "memory.low",
     "memory.min", "memory.high", "memory.current", "memory.peak", "memory.swap.current", "memory.zswap.current"},
    {"cpu", "cpu.stat", "cpu.max", "cpu.weight"},
    {"cpuset", "cpuset.cpus", "cpuset.mems", "cpuset.cpus.effective"},
    {"pids", "pids.max", "pids.current", "pids.events"},
    {"", "memory.pressure"},
};

static struct mount mounts[MOST_MOUNTS];
static int mount_count;
static char block[1 << 16];
static char memberships[1 << 16];
static long container_count, file_count;

static ssize_t read_into(char *target, size_t size, const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    ssize_t total = 0, got;
    while ((got = read(descriptor, target + total, size - 1 - total)) > 0)
        total += got;
    close(descriptor);
    target[total] = 0;
    file_count++;
    return total;
}

static void find_mounts(void)
{
    FILE *table = fopen("/proc/self/mountinfo", "r");
    char line[8192], point[512], type[64], options[500];
    while (table && mount_count < MOST_MOUNTS && fgets(line, sizeof line, table)) {
        char *tail = strstr(line, " - ");
        if (!tail || sscanf(line, "%*d %*d %*s %*s %511s", point) != 1
            || sscanf(tail, " - %63s %*s %499s", type, options) != 2 || strncmp(type, "cgroup", 6))
            continue;
        struct mount *mount = &mounts[mount_count++];
        mount->version = strcmp(type, "cgroup2") ? 1 : 2;
        strcpy(mount->point, point);
        snprintf(mount->options, sizeof mount->options, ",%s,", options);
    }
    if (table)
        fclose(table);
}

static const struct mount *mount_of(const char *controller)
{
    char wanted[80];
    snprintf(wanted, sizeof wanted, ",%s,", controller);
    for (int i = 0; i < mount_count; i++)
        if (*controller ? mounts[i].version == 1 && strstr(mounts[i].options, wanted) : mounts[i].version == 2)
            return &mounts[i];
    return NULL;
}

/* The path in the line of /proc/PID/cgroup that names the controller; "" for the v2 line. */
static int membership(const char *controller, char *path, size_t size)
{
    size_t length = strlen(controller);
    for (char *line = memberships; *line; line = strchr(line, '\n') + 1) {
        char *names = strchr(line, ':') + 1, *end = strchr(names, ':'), *name = names;
        while (name < end && !(length && !strncmp(name, controller, length) && strchr(",:", name[length]))) {
            name = memchr(name, ',', end - name);
            name = name ? name + 1 : end;
        }
        if (length ? name < end : names == end) {
            snprintf(path, size, "%.*s", (int)(strchr(end, '\n') - end - 1), end + 1);
            return 1;
        }
    }
    return 0;
}

static void read_files(const char *controller, const char *const *names, const struct mount *mount)
{
    char cgroup[PATH_BYTES], path[2 * PATH_BYTES];
    if (!mount || !membership(controller, cgroup, sizeof cgroup))
        return;
    for (; *names; names++) {
        snprintf(path, sizeof path, "%s%s/%s", mount->point, cgroup, *names);
        read_into(block, sizeof block, path);
    }
}

static void read_container(long pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/cgroup", pid);
    if (read_into(memberships, sizeof memberships, path) <= 0)
        return;
    const struct mount *unified = mount_of("");
    for (size_t i = 0; i < sizeof files_v1 / sizeof *files_v1; i++)
        read_files(files_v1[i][0], files_v1[i] + 1, mount_of(files_v1[i][0]));
    for (size_t i = 0; i < sizeof files_v2 / sizeof *files_v2; i++)
        if (!*files_v2[i][0] || !mount_of(files_v2[i][0]))
            read_files("", files_v2[i] + 1, unified);
    /* Before and after: whether the PID was reused meanwhile. */
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_into(block, sizeof block, path);
    read_into(block, sizeof block, path);
}

static int has_id(const char *name)
{
    int run = 0;
    for (; *name && run < ID_LENGTH; name++)
        run = isxdigit((unsigned char)*name) ? run + 1 : 0;
    return run == ID_LENGTH;
}

static void walk(const char *directory, int reading)
{
    DIR *entries = opendir(directory);
    struct dirent *entry;
    char below[PATH_BYTES];
    while (entries && (entry = readdir(entries))) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        if (snprintf(below, sizeof below, "%s/%s", directory, entry->d_name) >= (int)sizeof below - 16)
            continue;
        walk(below, reading);
        if (!has_id(entry->d_name))
            continue;
        strcat(below, "/cgroup.procs");
        if (read_into(block, sizeof block, below) > 0) {
            container_count++;
            if (reading)
                read_container(strtol(block, NULL, 10));
        }
    }
    if (entries)
        closedir(entries);
}

int main(int argc, char **argv)
{
    if (argc != 2 || (strcmp(argv[1], "list") && strcmp(argv[1], "read"))) {
        fprintf(stderr, "usage: floor list|read\n");
        return 2;
    }
    find_mounts();
    const struct mount *tree = mount_of("memory") ? mount_of("memory") : mount_of("");
    if (!tree) {
        fprintf(stderr, "floor: no cgroup file system is mounted here\n");
        return 1;
    }
    walk(tree->point, !strcmp(argv[1], "read"));
    printf("{\"containers\": %ld, \"files\": %ld}\n", container_count, file_count);
    return 0;
}
