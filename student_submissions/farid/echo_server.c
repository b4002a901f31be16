/* Echo lab, one process per client. */
#include "session.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 2323

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

int main(void)
{
    int on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(PORT),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };

    signal(SIGCHLD, SIG_IGN); /* no zombies */

    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (server < 0)
        die("socket");
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *) &address, sizeof address) < 0)
        die("bind");
    if (listen(server, 128) < 0)
        die("listen");

    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0)
            continue;
        pid_t child = fork();
        if (child == 0) {
            close(server);
            serve(client);
            _exit(0);
        }
        close(client);
    }
}
