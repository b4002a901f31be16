/* Finds the files below the root, and answers with them. */
#define _GNU_SOURCE /* strptime, timegm */
#include "server.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ROOT[] = "www", INDEX[] = "index.html";

static const struct {
    const char *ending, *type;
} TYPES[] = {
    {".html", "text/html; charset=utf-8"}, {".txt", "text/plain; charset=utf-8"},
    {".css", "text/css"},                  {".js", "text/javascript"},
    {".json", "application/json"},         {".png", "image/png"},
};

static const char *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (size_t at = 0; dot && at < sizeof TYPES / sizeof *TYPES; at++)
        if (strcasecmp(dot, TYPES[at].ending) == 0)
            return TYPES[at].type;
    return "application/octet-stream";
}

/* The real path of a file below the root, links followed; false where there is none. */
static bool below_root(const char *path, char *real)
{
    char root[PATH_MAX];
    if (realpath(ROOT, root) == NULL || realpath(path, real) == NULL)
        return false;
    size_t length = strlen(root);
    return strncmp(real, root, length) == 0 && (real[length] == '/' || real[length] == '\0');
}

/* Finds the file that is asked for; returns 0, or the status of the answer. */
static int find(const struct request *request, char *real, struct stat *about)
{
    static char path[sizeof ROOT + LONGEST_LINE + sizeof INDEX + 4];
    size_t length = strlen(request->path);
    if (*request->path != '/')
        return 400;
    bool folder = request->path[length - 1] == '/';
    snprintf(path, sizeof path, "%s/%s", ROOT, request->path);
    if (!below_root(path, real) || stat(real, about) != 0)
        return 404;
    if (!S_ISDIR(about->st_mode))
        return folder || !S_ISREG(about->st_mode) ? 404 : 0; /* to open a pipe would wait */
    if (!folder)
        return 301;
    snprintf(path, sizeof path, "%s/%s/%s", ROOT, request->path, INDEX);
    if (!below_root(path, real) || stat(real, about) != 0 || !S_ISREG(about->st_mode))
        return 404;
    return 0;
}

/* Whether the client has this version of the file (RFC 9110, section 13.2.2). */
static bool is_known(const struct request *request, const char *etag, time_t changed)
{
    const char *known = value_of(request, "if-none-match");
    const char *since = value_of(request, "if-modified-since");
    struct tm then;
    if (known != NULL) {
        for (int at = 0; (known = next_value(request, "if-none-match", &at)) != NULL;)
            if (strcmp(known, "*") == 0 || strstr(known, etag) != NULL)
                return true;
        return false;
    }
    memset(&then, 0, sizeof then);
    if (since == NULL || strptime(since, "%a, %d %b %Y %H:%M:%S GMT", &then) == NULL)
        return false;
    return changed <= timegm(&then);
}

/* The range that is asked for: 0 for none, 1 where there is one, -1 where it is not there. */
static int range_of(const struct request *request, const char *etag, int64_t size, int64_t *first,
                    int64_t *last)
{
    const char *text = value_of(request, "range"), *version = value_of(request, "if-range");
    if (version != NULL && strcmp(version, etag) != 0)
        return 0; /* a part of another version than the client has the rest of is no use to it */
    if (text == NULL || strncmp(text, "bytes=", 6) != 0 || strcmp(request->method, "GET") != 0)
        return 0;
    text += 6;
    size_t digits = strspn(text, "0123456789"), behind;
    if (digits > 15 || text[digits] != '-')
        return 0;
    const char *second = text + digits + 1;
    behind = strspn(second, "0123456789");
    if (behind > 15 || second[behind] != '\0' || digits + behind == 0)
        return 0;
    int64_t number = strtoll(second, NULL, 10);
    *first = digits ? strtoll(text, NULL, 10) : (number < size ? size - number : 0);
    *last = digits && behind && number < size ? number : size - 1;
    if (digits && behind && number < *first)
        return 0;
    return *first <= *last ? 1 : -1;
}

/* The path as it came, encoded: nothing in it can end the header. It begins with one slash: what
 * follows two is the name of a host. */
static void lead_to_folder(const struct request *request, struct answer *answer)
{
    const char *path = request->target + strspn(request->target, "/");
    refuse(answer, 301, false);
    add_header(answer, "Location: /%.*s/", (int)strcspn(path, "?"), path);
}

void answer_with_file(const struct request *request, struct answer *answer)
{
    char real[PATH_MAX], etag[64], date[64];
    struct stat about;
    int64_t first = 0, last = 0;
    int status = find(request, real, &about);
    if (status == 301) {
        lead_to_folder(request, answer);
        return;
    }
    if (status != 0 || (answer->file = open(real, O_RDONLY | O_CLOEXEC)) < 0) {
        refuse(answer, status ? status : 404, false);
        return;
    }
    snprintf(etag, sizeof etag, "\"%llx%lx-%llx\"", (long long)about.st_mtim.tv_sec,
             about.st_mtim.tv_nsec, (long long)about.st_size);
    write_date(about.st_mtime, date, sizeof date);
    int part = range_of(request, etag, about.st_size, &first, &last);
    if (is_known(request, etag, about.st_mtime)) {
        answer->status = 304;
    } else if (part < 0) {
        close(answer->file);
        answer->file = -1;
        refuse(answer, 416, false);
        add_header(answer, "Content-Range: bytes */%lld", (long long)about.st_size);
        return;
    } else {
        answer->status = part ? 206 : 200;
        answer->offset = part ? first : 0;
        answer->length = part ? last - first + 1 : about.st_size;
        add_header(answer, "Content-Type: %s", type_of(real));
    }
    if (part > 0 && answer->status == 206)
        add_header(answer, "Content-Range: bytes %lld-%lld/%lld", (long long)first,
                   (long long)last, (long long)about.st_size);
    add_header(answer, "ETag: %s", etag);
    add_header(answer, "Last-Modified: %s", date);
}
