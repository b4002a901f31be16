#include "session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0)
            return -1;
        data += sent;
        size -= (size_t) sent;
    }
    return 0;
}

void serve(int client)
{
    FILE *in = fdopen(client, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;

    while ((length = getline(&line, &capacity, in)) > 0) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            length--;
        for (ssize_t i = 0; i < length; i++)
            line[i] = (char) toupper((unsigned char) line[i]);
        int bye = length == 3 && memcmp(line, "BYE", 3) == 0;

        /* one buffer, one send: "> " + text + newline */
        char *reply = malloc((size_t) length + 3);
        memcpy(reply, "> ", 2);
        memcpy(reply + 2, line, (size_t) length);
        reply[length + 2] = '\n';
        int lost = send_all(client, reply, (size_t) length + 3);
        free(reply);
        if (bye || lost)
            break;
    }
    free(line);
    fclose(in);
}
