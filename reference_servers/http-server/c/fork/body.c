/* Reads the bodies of requests (RFC 9112, sections 6 and 7). */
#include "server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A number in digits of this base, and nothing else. -1 where it is none, or too large. */
static long number_in(const char *text, int base, const char *digits)
{
    size_t length = strspn(text, digits);
    if (length == 0 || length > 12)
        return -1;
    return strtol(text, NULL, base);
}

/* Tells a client that waits for it to send the body. */
static void go_on(struct reader *reader, const struct request *request)
{
    const char *expect = value_of(request, "expect");
    const char *line = "HTTP/1.1 100 Continue\r\n\r\n";
    if (request->minor > 0 && expect != NULL && strcasecmp(expect, "100-continue") == 0)
        send_all(reader->client, line, strlen(line));
}

static int read_size(struct reader *reader, size_t *size)
{
    char line[LONGEST_SIZE];
    const char *digits = "0123456789abcdefABCDEF";
    int wrong = read_line(reader, line, sizeof line, 400);
    if (wrong)
        return wrong;
    long found = number_in(line, 16, digits);
    const char *behind = line + strspn(line, digits);
    behind += strspn(behind, " \t");
    if (found < 0 || (*behind != '\0' && *behind != ';'))
        return 400;
    *size = (size_t)found;
    return 0;
}

/* The octets of all chunks; trailers are read and forgotten. */
static int read_chunks(struct reader *reader, char *body, size_t *length)
{
    char line[LONGEST_SIZE], end[2];
    size_t size;
    int wrong;
    *length = 0;
    while (!(wrong = read_size(reader, &size)) && size > 0) {
        if (*length + size > LARGEST_BODY)
            return 413;
        if ((wrong = read_octets(reader, body + *length, size)) ||
            (wrong = read_octets(reader, end, sizeof end)))
            return wrong;
        if (memcmp(end, "\r\n", 2) != 0)
            return 400;
        *length += size;
    }
    for (int trailer = 0; !wrong && trailer < MOST_HEADERS; trailer++)
        if ((wrong = read_line(reader, line, sizeof line, 431)) || *line == '\0')
            return wrong;
    return wrong ? wrong : 431;
}

int read_body(struct reader *reader, const struct request *request, char **body, size_t *length)
{
    const char *coding = value_of(request, "transfer-encoding");
    const char *said = value_of(request, "content-length");
    if (coding != NULL && said != NULL)
        return 400; /* by its length and by its chunks it is not the same request */
    if (coding != NULL && request->minor == 0)
        return 400; /* HTTP/1.0 knows no chunks */
    if (coding != NULL && strcasecmp(coding, "chunked") != 0)
        return 501;
    if (coding == NULL && said == NULL)
        return 0;
    long size = coding ? LARGEST_BODY : number_in(said, 10, "0123456789");
    if (size < 0 || (said && said[strspn(said, "0123456789")] != '\0'))
        return 400;
    if (size > LARGEST_BODY)
        return 413;
    go_on(reader, request);
    if ((*body = malloc((size_t)size + 1)) == NULL)
        return 413;
    if (coding)
        return read_chunks(reader, *body, length);
    *length = (size_t)size;
    return read_octets(reader, *body, *length);
}
