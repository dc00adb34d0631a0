/* The only process of the bench's containers: it waits until it is told to end. */
#include <signal.h>
#include <unistd.h>

static void end(int signal_number)
{
    (void)signal_number;
    _exit(0);
}

int main(void)
{
    /* A first process gets no signal that it does not handle itself. */
    signal(SIGTERM, end);
    for (;;)
        pause();
}
