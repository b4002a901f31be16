/*
 * A web server on sockets: a process for each client, which reads one request after the other.
 *
 * Lab: http-server
 * Leaves to the student: nothing
 * Parameters: concurrency=process-per-client
 *
 * request.c reads what a client asks for, body.c what comes behind it, files.c finds and opens
 * files, answer.c writes what goes back.
 */
#include "server.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PORT = 8080, BACKLOG = 256, IDLE = 30, LINGER = 1, LINGER_OCTETS = 1000000 };

static bool is_one_of(const char *method, const char *list)
{
    return has_word(list, method) && strchr(method, ',') == NULL;
}

static void answer_to(const struct request *request, char *body, size_t length,
                      struct answer *answer)
{
    if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0) {
        answer_with_file(request, answer);
    } else if (strcmp(request->method, "POST") == 0 && strcmp(request->path, "/echo") == 0) {
        const char *type = value_of(request, "content-type");
        answer->status = 200;
        answer->body = body;
        answer->length = (int64_t)length;
        add_header(answer, "Content-Type: %s", type ? type : "application/octet-stream");
    } else if (is_one_of(request->method, "POST,PUT,DELETE,PATCH,OPTIONS,TRACE,CONNECT")) {
        refuse(answer, 405, false);
        add_header(answer, "Allow: GET, HEAD");
    } else {
        refuse(answer, 501, false);
    }
}

/* Answers one request; returns whether another may follow. */
static bool answer_one(struct reader *reader, struct request *request)
{
    static struct answer answer;
    char *body = NULL;
    size_t length = 0;
    memset(&answer, 0, sizeof answer);
    answer.file = -1;
    int wrong = read_request(reader, request);
    bool is_read = wrong == 0;
    if (is_read)
        wrong = read_body(reader, request, &body, &length);
    if (wrong < 0)
        return false;
    if (wrong > 0)
        refuse(&answer, wrong, true); /* where the next request begins is not known */
    else
        answer_to(request, body, length, &answer);
    if (is_read && !keeps_alive(request))
        answer.closes = true;
    bool sent = send_answer(reader->client, request, &answer);
    if (answer.file >= 0)
        close(answer.file);
    free(body);
    return sent && !answer.closes;
}

/* A client that says nothing, or takes nothing, is let go. */
static void wait_at_most(int client, int seconds)
{
    struct timeval time = {.tv_sec = seconds};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

/* Closes our side and reads on for a moment: a close over unread octets would be a reset, and could
 * take the answer from the client before it has read it. The alarm ends this process. */
static void part(int client)
{
    char rest[8192];
    ssize_t count;
    shutdown(client, SHUT_WR);
    alarm(LINGER);
    for (long left = LINGER_OCTETS; left > 0; left -= count)
        if ((count = read(client, rest, sizeof rest)) <= 0)
            break;
    close(client);
}

static void serve(int client)
{
    static struct reader reader;
    static struct request request;
    reader.client = client;
    wait_at_most(client, IDLE);
    while (answer_one(&reader, &request))
        ;
    part(client);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* a client that has gone is seen by the write */
    signal(SIGCHLD, SIG_IGN); /* nobody waits for the processes: they leave no zombies */
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, BACKLOG) != 0) {
        perror("listen");
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        if (fork() == 0) {
            close(listener);
            serve(client);
            _exit(0);
        }
        close(client);
    }
}
