/*
 * Processes in cgroups and namespaces of their own, as containers have them, without an engine.
 *
 *   crowd DIRECTORY...    reads ids from its standard input, a line each, up to an empty line
 *
 * Makes a cgroup for each id in every DIRECTORY and a process in it, then prints "ready". The processes end with this
 * one, and this one with its standard input: none is left behind, however the bench ends. Their cgroups are.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const int namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET;

static void fail(const char *what)
{
    fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* On v1 a thread that moves itself waits for no grace period of the kernel, as it does by way of cgroup.procs. */
static void join(const char *directory, const char *id)
{
    static const char *const files[] = {"tasks", "cgroup.procs"};
    char path[4096];
    int descriptor = -1;
    for (int i = 0; i < 2 && descriptor < 0; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", directory, id, files[i]);
        descriptor = open(path, O_WRONLY);
    }
    if (descriptor < 0 || write(descriptor, "0", 1) != 1)
        fail(path);
    close(descriptor);
}

static void become_container(int count, char **directories, const char *id, int joined)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "fathom-bench");
    for (int i = 0; i < count; i++)
        join(directories[i], id);
    if (sethostname(id, 12) || write(joined, "", 1) != 1)
        fail(id);
    close(0);
    close(1);
    close(joined);
    for (;;)
        pause();
}

static void start(int count, char **directories, const char *id)
{
    char path[4096];
    int ends[2];
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directories[i], id);
        if (mkdir(path, 0755))
            fail(path);
    }
    if (pipe(ends))
        fail("pipe");
    long pid = syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0)
        fail("clone");
    if (pid == 0) {
        close(ends[0]);
        become_container(count, directories, id, ends[1]);
    }
    close(ends[1]);
    if (read(ends[0], path, 1) != 1)
        exit(1); /* It has said why. */
    close(ends[0]);
}

int main(int argc, char **argv)
{
    char id[256];

    if (argc < 2) {
        fprintf(stderr, "usage: crowd DIRECTORY...\n");
        return 2;
    }
    while (fgets(id, sizeof id, stdin) && *id != '\n') {
        id[strcspn(id, "\n")] = 0;
        start(argc - 1, argv + 1, id);
    }
    puts("ready");
    fflush(stdout);
    while (fgets(id, sizeof id, stdin))
        ;
    return 0;
}
