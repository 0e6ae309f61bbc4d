#include <stdio.h>

int main(void) { puts("token 42"); return 0; }
