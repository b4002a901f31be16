/*
 * Echo, a process for each client.
 *
 * The oldest design of Unix: the parent accepts and forks; the child inherits the connection,
 * serves it with the stdio functions of any C program, and exits. Children share no memory:
 * the crash of one, or a leak in it, hurts nobody else, and the kernel tidies up after it.
 *
 * Choose it for isolation. Its limits: a process is the dearest way to wait for a client, and
 * what clients should have in common needs pipes, shared memory or a database.
 *
 * Only ASCII letters become upper case here: the bytes of other characters pass untouched,
 * which keeps UTF-8 intact. (c/select does better.)
 *
 * Lab: echo
 * Leaves to the student: nothing
 * Parameters: concurrency=process-per-client
 */

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 2323
#define BACKLOG 256
#define PREFIX "> "
#define GREETING "Welcome to the Multi-Process Server.\n" \
                 "Send me text lines and conclude with the BYE command.\n"

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static int upper(int c)
{
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/* To close while unread bytes are waiting makes the kernel send a reset, and a reset may
 * destroy our last reply on its way. So say that we have finished, and read to the end of
 * what the client had still to say; not for ever: in a second the alarm ends this process. */
static void hang_up(int connection)
{
    char ignored[4096];
    alarm(1);
    shutdown(connection, SHUT_WR);
    while (read(connection, ignored, sizeof ignored) > 0)
        ;
}

/* Serve one client, from the greeting to the close. */
static void serve(int connection)
{
    FILE *in = fdopen(connection, "r"), *out = fdopen(dup(connection), "w");
    char *line = NULL; /* getline() makes it as long as it has to be */
    size_t room = 0;
    ssize_t length;

    fputs(GREETING, out);
    fflush(out); /* a buffer keeps what it is given until it is told otherwise */
    while ((length = getline(&line, &room, in)) > 0) {
        if (line[length - 1] == '\n') /* a last line may have none */
            length--;
        if (length > 0 && line[length - 1] == '\r')
            length--;
        fputs(PREFIX, out);
        for (ssize_t i = 0; i < length; i++) /* not fputs(): there may be NUL bytes inside */
            putc(upper((unsigned char)line[i]), out);
        putc('\n', out);
        if (fflush(out) == EOF) /* the client is gone */
            break;
        if (length == 3 && strncasecmp(line, "BYE", 3) == 0)
            break;
    }
    fclose(out); /* the last of its buffer; dup() has left the connection itself open */
    hang_up(connection);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* to write to a client that has gone is an error, not our end */
    signal(SIGCHLD, SIG_IGN); /* we shall not wait() for our children: no zombies */

    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (listener < 0)
        die("socket");
    /* Lets us start again while connections of our former life are in TIME_WAIT. */
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(PORT),
        .sin_addr.s_addr = htonl(INADDR_ANY), /* every address of this host */
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, BACKLOG) < 0)
        die("listen");
    fprintf(stderr, "listening on port %d\n", PORT);

    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) {
            perror("accept");
            continue;
        }
        pid_t child = fork();
        if (child < 0)
            perror("fork");
        if (child == 0) {
            close(listener); /* or the port stays taken for as long as the child lives */
            serve(connection);
            exit(EXIT_SUCCESS); /* never back into the parent's loop */
        }
        close(connection); /* the parent's copy; the child has its own */
    }
}
