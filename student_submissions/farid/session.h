#ifndef SESSION_H
#define SESSION_H

/* Talks to one client until it says BYE or leaves. */
void serve(int client);

#endif
