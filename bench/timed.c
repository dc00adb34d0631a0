/*
 * Runs a program and tells what it took.
 *
 *   timed DESCRIPTOR PROGRAM ARGUMENT...
 *
 * Writes "SECONDS CPU_SECONDS PEAK_KIB" to the descriptor: on the clock; of the CPU, with all descendants that ended;
 * the most memory that the largest of these processes held. The kernel counts a process's peak from before it became
 * another program: this one is small, and Python is not.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status, descriptor;

    if (argc < 3) {
        fprintf(stderr, "usage: timed DESCRIPTOR PROGRAM ARGUMENT...\n");
        return 2;
    }
    descriptor = atoi(argv[1]);
    double begin = seconds();
    pid_t child = fork();
    if (child == 0) {
        close(descriptor);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        perror("timed");
        return 2;
    }
    double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    dprintf(descriptor, "%.6f %.6f %ld\n", seconds() - begin, cpu, usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
