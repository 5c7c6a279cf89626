/* Says more than anyone can keep, while it is built and while it runs; it never listens. */
#include <stdio.h>

int main(void) {
    for (;;) puts("and on and on and on and on and on and on and on and on and on");
}
