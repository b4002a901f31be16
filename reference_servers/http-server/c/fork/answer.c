/* Writes answers. */
#include "server.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

enum { PIECE = 65536 };

static const char *phrase_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 416: return "Range Not Satisfiable";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
    }
}

void add_header(struct answer *answer, const char *form, ...)
{
    size_t used = strlen(answer->more), room = sizeof answer->more - used;
    va_list values;
    va_start(values, form);
    int length = vsnprintf(answer->more + used, room, form, values);
    va_end(values);
    if (length < 0 || (size_t)length + 3 > room)
        answer->more[used] = '\0'; /* no room: better no header than half of one */
    else
        memcpy(answer->more + used + length, "\r\n", 3);
}

/* An answer that refuses: it holds nothing of what the client has said. */
void refuse(struct answer *answer, int status, bool closes)
{
    static char text[8];
    answer->status = status;
    answer->length = snprintf(text, sizeof text, "%d\n", status);
    answer->body = text;
    answer->closes = closes;
    answer->more[0] = '\0';
    add_header(answer, "Content-Type: text/plain");
}

void write_date(time_t when, char *text, size_t room)
{
    struct tm there;
    strftime(text, room, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&when, &there));
}

bool send_all(int client, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t count = send(client, data, length, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        data += count;
        length -= (size_t)count;
    }
    return true;
}

static bool send_file(int client, struct answer *answer)
{
    off_t offset = answer->offset;
    int64_t left = answer->length;
    while (left > 0) {
        size_t piece = left < PIECE ? (size_t)left : PIECE;
        ssize_t count = sendfile(client, answer->file, &offset, piece);
        if (count <= 0)
            return false;
        left -= count;
    }
    return true;
}

bool send_answer(int client, const struct request *request, struct answer *answer)
{
    static char head[3 * LONGEST_LINE];
    char date[64];
    write_date(time(NULL), date, sizeof date);
    if (answer->status != 304)
        add_header(answer, "Content-Length: %lld", (long long)answer->length);
    if (answer->closes)
        add_header(answer, "Connection: close");
    else if (request->minor == 0)
        add_header(answer, "Connection: keep-alive");
    int length = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nDate: %s\r\n%s\r\n",
                          answer->status, phrase_of(answer->status), date, answer->more);
    if (!send_all(client, head, (size_t)length))
        return false;
    if (answer->status == 304 || strcmp(request->method, "HEAD") == 0)
        return true;
    if (answer->file >= 0)
        return send_file(client, answer);
    return send_all(client, answer->body, (size_t)answer->length);
}
