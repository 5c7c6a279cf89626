/* The first server of a tutorial, in C: one client, one read, one answer. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count != 3) return 2;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) return 1;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        char request[4096], target[1024] = "?", path[8192], body[4096];
        ssize_t length = read(client, request, sizeof request - 1);
        request[length < 0 ? 0 : length] = 0;
        sscanf(request, "GET %1023s", target);
        snprintf(path, sizeof path, "%s%s%s", words[2], target, target[strlen(target) - 1] == '/' ? "index.html" : "");
        FILE *file = fopen(path, "rb");
        if (file) {
            dprintf(client, "HTTP/1.1 200 OK\r\n\r\n");
            size_t piece;
            while ((piece = fread(body, 1, sizeof body, file)) > 0)
                if (write(client, body, piece) < 0) break;
            fclose(file);
        } else {
            dprintf(client, "HTTP/1.1 404 Not Found\r\n\r\n");
        }
        close(client);
    }
}
