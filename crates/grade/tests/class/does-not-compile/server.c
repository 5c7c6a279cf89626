int main() { return listen_on(8080) }
