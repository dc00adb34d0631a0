/*
 * The only process of the bench's containers: it waits until it is told to end. With an argument it prints the hostname
 * instead, for the peer that starts a program in each container.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void end(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

int main(int argc, char **argv)
{
    char name[256] = "";

    (void)argv;
    if (argc > 1)
        return gethostname(name, sizeof name - 1) || puts(name) < 0;
    /* A first process gets no signal that it does not handle itself. */
    signal(SIGTERM, end);
    for (;;)
        pause();
}
