/* Forks without end, and so does each child: no pause, no error that stops it. */

#include <unistd.h>

int main(void)
{
    for (;;)
        fork();
}
