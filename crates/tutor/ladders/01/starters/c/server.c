/* A web server in one file: ./server PORT ROOT [TIMEOUT] */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Serves one client. This is yours to write. */
static void answer(int connection) { (void)connection; }

int main(int argc, char **argv) {
    int port = argc > 1 ? atoi(argv[1]) : 7890;
    /* argv[2] is the folder to serve, from lesson 02 on; argv[3] the time-out in seconds. */
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 100) < 0) {
        perror("cannot listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        answer(connection);
        close(connection);
    }
}
