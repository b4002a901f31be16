/*
 * Echo, an event loop around select(): one process, one thread, non-blocking sockets.
 *
 * select() says which descriptors can be read or written without waiting; the loop does that
 * little, and asks again. What a process would keep in its variables and in its position in
 * the code is kept in a structure for each client.
 *
 * Choose it for many clients that are mostly silent, with no memory to waste. Its limits: one
 * core; whatever blocks stops everybody; and a set of select() holds descriptors below
 * FD_SETSIZE (1024) only. That is enough for our two hundred clients, as the kernel always
 * gives the lowest free number; beyond it, use poll() or epoll.
 *
 * Lab: echo
 * Leaves to the student: nothing
 * Parameters: concurrency=event-loop
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define PORT 2323
#define BACKLOG 256
#define PREFIX "> "
#define GREETING "Welcome to the Event-Driven Server.\n" \
                 "Send me text lines and conclude with the BYE command.\n"
#define MAX_CLIENTS FD_SETSIZE
#define MAX_LINE (1 << 20) /* who sends more without a newline is up to no good */

struct text { char *bytes; size_t size, room; };

struct client {
    bool here, leaving;    /* leaving: has said BYE, or has closed its side */
    time_t deadline;       /* of its close, once we have closed our side */
    struct text line, out; /* an unfinished line; what the kernel has not taken yet */
};

static struct client clients[FD_SETSIZE]; /* a descriptor is the index of its client */

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void append(struct text *text, const char *bytes, size_t size)
{
    if (text->size + size > text->room) {
        text->room = 2 * (text->size + size);
        if (!(text->bytes = realloc(text->bytes, text->room)))
            die("realloc");
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

/* Append the upper case of a line in UTF-8. Bytes that are not UTF-8 pass as they are. */
static void append_upper(struct text *out, const char *line, size_t size)
{
    while (size > 0) {
        mbstate_t from = {0}, to = {0};
        char bytes[MB_LEN_MAX];
        wchar_t character;
        size_t n = mbrtowc(&character, line, size, &from);
        if (n == (size_t)-1 || n == (size_t)-2)
            append(out, line, n = 1);
        else
            append(out, bytes, wcrtomb(bytes, towupper(character), &to));
        if (n == 0) /* mbrtowc()'s way to say that it has read a NUL */
            n = 1;
        line += n, size -= n;
    }
}

static void answer(struct client *client)
{
    const char *line = client->line.bytes;
    size_t size = client->line.size;
    if (size > 0 && line[size - 1] == '\r')
        size--;
    append(&client->out, PREFIX, strlen(PREFIX));
    append_upper(&client->out, line, size);
    append(&client->out, "\n", 1);
    client->leaving = size == 3 && strncasecmp(line, "BYE", 3) == 0;
    client->line.size = 0;
}

/* Read what there is: any number of lines, and often a part of one. */
static bool read_some(int fd, struct client *client)
{
    char chunk[16384];
    ssize_t count = recv(fd, chunk, sizeof chunk, 0);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    if (client->deadline) /* lines after BYE: read, so that our close is no reset; ignored */
        return count > 0;
    for (ssize_t i = 0; i < count && !client->leaving; i++) {
        if (chunk[i] == '\n')
            answer(client);
        else
            append(&client->line, &chunk[i], 1);
    }
    if (count == 0) { /* the end of the stream */
        if (client->line.size > 0)
            answer(client); /* a last line without its newline */
        client->leaving = true;
    }
    return client->line.size <= MAX_LINE;
}

/* Hand over as much as the kernel takes, without waiting for it to take more. */
static bool write_some(int fd, struct client *client)
{
    ssize_t count = send(fd, client->out.bytes, client->out.size, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    client->out.size -= count;
    memmove(client->out.bytes, client->out.bytes + count, client->out.size);
    return true;
}

static void goodbye(int fd, struct client *client)
{
    close(fd);
    free(client->line.bytes);
    free(client->out.bytes);
    *client = (struct client){0};
}

/* Do what can be done now. A client with replies to take is not read from: it can neither
 * fill our memory nor delay anybody else. */
static void advance(int fd, struct client *client)
{
    bool alive = client->out.size > 0 || read_some(fd, client);
    if (alive && client->out.size > 0)
        alive = write_some(fd, client);
    if (!alive) {
        goodbye(fd, client);
    } else if (client->leaving && client->out.size == 0 && !client->deadline) {
        shutdown(fd, SHUT_WR);
        client->deadline = time(NULL) + 2; /* at least a second for the client to close its side */
    }
}

static void welcome(int listener)
{
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return;
    if (fd >= MAX_CLIENTS) { /* FD_SET() would write beyond its set */
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    clients[fd].here = true;
    append(&clients[fd].out, GREETING, strlen(GREETING));
}

static int listen_on(int port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (listener < 0)
        die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, BACKLOG) < 0)
        die("listen");
    fcntl(listener, F_SETFL, O_NONBLOCK);
    return listener;
}

int main(void)
{
    /* The encoding by its name, not "" (the user's). Where it is missing, ASCII only is shouted. */
    setlocale(LC_CTYPE, "C.UTF-8");
    int listener = listen_on(PORT);
    fprintf(stderr, "listening on port %d\n", PORT);

    for (;;) {
        fd_set readable, writable; /* select() overwrites them: build them anew each time */
        FD_ZERO(&readable);
        FD_ZERO(&writable);
        FD_SET(listener, &readable);
        int highest = listener;
        bool lingering = false;
        for (int fd = 0; fd < FD_SETSIZE; fd++) {
            if (clients[fd].deadline && time(NULL) >= clients[fd].deadline)
                goodbye(fd, &clients[fd]);
            if (!clients[fd].here)
                continue;
            FD_SET(fd, clients[fd].out.size > 0 ? &writable : &readable);
            lingering = lingering || clients[fd].deadline;
            highest = fd > highest ? fd : highest;
        }
        struct timeval soon = {.tv_sec = 1}; /* no timeout unless somebody has a deadline */
        if (select(highest + 1, &readable, &writable, NULL, lingering ? &soon : NULL) < 0)
            die("select");
        for (int fd = 0; fd <= highest; fd++)
            if (clients[fd].here && (FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable)))
                advance(fd, &clients[fd]);
        if (FD_ISSET(listener, &readable))
            welcome(listener);
    }
}
