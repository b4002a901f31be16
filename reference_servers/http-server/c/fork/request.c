/* Reads requests (RFC 9112, sections 2 to 5). */
#include "server.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Reads more; false at the end of the stream. */
static bool more(struct reader *reader)
{
    if (reader->begins == reader->ends)
        reader->begins = reader->ends = 0;
    ssize_t count =
        read(reader->client, reader->buffer + reader->ends, sizeof reader->buffer - reader->ends);
    if (count > 0)
        reader->ends += (size_t)count;
    return count > 0;
}

/* The next line without its end, with a NUL behind it. One that holds a NUL is refused. */
int read_line(struct reader *reader, char *line, size_t room, int too_long)
{
    size_t length = 0;
    for (;;) {
        if (reader->begins == reader->ends && !more(reader))
            return -1;
        char octet = reader->buffer[reader->begins++];
        if (octet == '\n')
            break;
        if (octet == '\0')
            return 400;
        if (length + 1 >= room)
            return too_long;
        line[length++] = octet;
    }
    if (length > 0 && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    return 0;
}

int read_octets(struct reader *reader, char *data, size_t count)
{
    while (count > 0) {
        if (reader->begins == reader->ends && !more(reader))
            return -1;
        size_t there = reader->ends - reader->begins;
        size_t taken = there < count ? there : count;
        memcpy(data, reader->buffer + reader->begins, taken);
        reader->begins += taken;
        data += taken;
        count -= taken;
    }
    return 0;
}

static bool is_token(const char *word)
{
    size_t length = strlen(word);
    const char *letters = "!#$%&'*+.^_`|~-0123456789"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return length > 0 && strspn(word, letters) == length;
}

static bool has_controls(const char *text)
{
    while (*text && !iscntrl((unsigned char)*text))
        text++;
    return *text != '\0';
}

static int digit(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    letter = (char)tolower((unsigned char)letter);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Decodes `%20` and the like; a NUL is refused: in C a name ends there. */
static int decode(const char *path, char *decoded)
{
    while (*path) {
        char octet = *path;
        if (octet == '%' && digit(path[1]) >= 0 && digit(path[2]) >= 0) {
            octet = (char)(digit(path[1]) * 16 + digit(path[2]));
            path += 2;
            if (octet == '\0')
                return 400;
        }
        *decoded++ = octet;
        path++;
    }
    *decoded = '\0';
    return 0;
}

/* Cuts the query, and `http://host` of the absolute form, off the target. */
static int find_path(struct request *request)
{
    char *target = request->target;
    if (strncasecmp(target, "http://", 7) == 0) {
        target += 7 + strcspn(target + 7, "/?");
        if (*target != '/')
            target = "/";
    }
    request->target = target;
    char path[LONGEST_LINE + 2];
    size_t length = strcspn(target, "?");
    memcpy(path, target, length);
    path[length] = '\0';
    return decode(path, request->path);
}

static int read_version(const char *version, int *minor)
{
    if (strncmp(version, "HTTP/", 5) != 0 || strlen(version) != 8 || version[6] != '.' ||
        !isdigit((unsigned char)version[5]) || !isdigit((unsigned char)version[7]))
        return 400;
    *minor = version[7] - '0';
    return version[5] == '1' ? 0 : 505;
}

static int take_apart(struct request *request)
{
    char *first = strchr(request->line, ' ');
    char *second = first ? strchr(first + 1, ' ') : NULL;
    if (second == NULL || strchr(second + 1, ' ') != NULL || second == first + 1)
        return 400;
    *first = *second = '\0';
    request->method = request->line;
    request->target = first + 1;
    if (!is_token(request->method) || has_controls(request->target))
        return 400;
    int wrong = read_version(second + 1, &request->minor);
    return wrong ? wrong : find_path(request);
}

/* A header: its name in lower case, its value without blanks around it. A space before the colon,
 * or at the beginning (a folded line), is no part of a name. */
static int take_header(struct request *request, char *line)
{
    char *colon = strchr(line, ':');
    if (colon == NULL)
        return 400;
    *colon = '\0';
    if (!is_token(line) || strchr(colon + 1, '\r') != NULL)
        return 400;
    for (char *letter = line; *letter; letter++)
        *letter = (char)tolower((unsigned char)*letter);
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t length = strlen(value);
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        value[--length] = '\0';
    request->headers[request->count++] = (struct header){line, value};
    return 0;
}

static int read_headers(struct reader *reader, struct request *request)
{
    char *line = request->head;
    size_t left = sizeof request->head;
    for (;;) {
        int wrong = read_line(reader, line, left, 431);
        if (wrong || *line == '\0')
            return wrong;
        if (request->count == MOST_HEADERS)
            return 431;
        size_t length = strlen(line) + 1;
        if ((wrong = take_header(request, line)))
            return wrong;
        line += length;
        left -= length;
    }
}

static int count_of(const struct request *request, const char *name)
{
    int count = 0;
    for (int at = 0; at < request->count; at++)
        count += strcmp(request->headers[at].name, name) == 0;
    return count;
}

int read_request(struct reader *reader, struct request *request)
{
    request->method = request->target = "";
    request->minor = 1;
    request->count = 0;
    int wrong = read_line(reader, request->line, sizeof request->line, 414);
    if (!wrong && *request->line == '\0') /* an empty line before a request is passed over */
        wrong = read_line(reader, request->line, sizeof request->line, 414);
    if (!wrong)
        wrong = take_apart(request);
    if (!wrong)
        wrong = read_headers(reader, request);
    if (!wrong && request->minor > 0 && count_of(request, "host") != 1)
        wrong = 400;
    if (!wrong && count_of(request, "content-length") > 1)
        wrong = 400;
    if (!wrong && count_of(request, "transfer-encoding") > 1)
        wrong = 400;
    return wrong;
}

const char *next_value(const struct request *request, const char *name, int *at)
{
    while (*at < request->count) {
        const struct header *header = &request->headers[(*at)++];
        if (strcmp(header->name, name) == 0)
            return header->value;
    }
    return NULL;
}

const char *value_of(const struct request *request, const char *name)
{
    int at = 0;
    return next_value(request, name, &at);
}

bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    while (list != NULL && *list) {
        list += strspn(list, " \t,");
        size_t there = strcspn(list, " \t,");
        if (there == length && strncasecmp(list, word, length) == 0)
            return true;
        list += there;
    }
    return false;
}

bool keeps_alive(const struct request *request)
{
    bool keeps = request->minor > 0, closes = false;
    const char *value; /* of a header that may come several times: together they are one list */
    for (int at = 0; (value = next_value(request, "connection", &at)) != NULL;) {
        keeps = keeps || has_word(value, "keep-alive");
        closes = closes || has_word(value, "close");
    }
    return keeps && !closes;
}
