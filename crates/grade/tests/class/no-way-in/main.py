# A server that has another name than it should have, and no server.toml that says so.
print("hello")
