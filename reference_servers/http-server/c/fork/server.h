/* What the parts of the server share. */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    LONGEST_LINE = 16000, /* octets of a request line; RFC 9112 asks for 8,000 */
    LONGEST_HEAD = 65536,
    MOST_HEADERS = 100,
    LARGEST_BODY = 1000000,
    LONGEST_SIZE = 1000, /* octets of a chunk's size with extensions, and of a trailer */
    BUFFER = 65536,
};

/* What a client sends: one read may bring less than a line, or several requests. */
struct reader {
    int client;
    size_t begins, ends; /* what was read and not used stands between them */
    char buffer[BUFFER];
};

struct header {
    char *name; /* in lower case */
    char *value;
};

struct request {
    char line[LONGEST_LINE + 2];
    char head[LONGEST_HEAD + 2]; /* the texts of the headers */
    char *method, *target;       /* "" where the request line could not be read */
    char path[LONGEST_LINE + 2]; /* decoded; a NUL in it is refused */
    int minor;                   /* of the version */
    struct header headers[MOST_HEADERS];
    int count;
};

/* An answer: the octets of `body`, or `length` octets of a file from `offset` on. */
struct answer {
    int status;
    const char *body;
    int file; /* -1: none */
    int64_t offset, length;
    bool closes;
    char more[2 * LONGEST_LINE]; /* further headers, a line each */
};

/* Each of these returns 0, or the status with which the request is refused; -1: the client has
 * gone. */
int read_line(struct reader *reader, char *line, size_t room, int too_long);
int read_octets(struct reader *reader, char *data, size_t count);
int read_request(struct reader *reader, struct request *request);
int read_body(struct reader *reader, const struct request *request, char **body, size_t *length);

/* The value of the next header of this name; NULL where there is no more. `at` is 0 at first. */
const char *next_value(const struct request *request, const char *name, int *at);
/* The value of the first one; NULL where there is none. */
const char *value_of(const struct request *request, const char *name);
/* Whether a list has this word, in any case. */
bool has_word(const char *list, const char *word);
bool keeps_alive(const struct request *request);

void answer_with_file(const struct request *request, struct answer *answer);
void refuse(struct answer *answer, int status, bool closes);
/* Adds a header, as printf does. */
void add_header(struct answer *answer, const char *form, ...)
    __attribute__((format(printf, 2, 3)));
/* Sends the answer; false: the client has gone. */
bool send_answer(int client, const struct request *request, struct answer *answer);
bool send_all(int client, const char *data, size_t length);
void write_date(time_t when, char *text, size_t room);

#endif
