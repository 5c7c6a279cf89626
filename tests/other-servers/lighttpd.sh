#!/bin/sh
# lighttpd.sh PORT ROOT SECONDS
# By default it also follows links out of the root, serves /hello.txt/ as /hello.txt, and gives no charset for HTML.
conf=$(mktemp)
cat > "$conf" <<END
server.modules = ( "mod_setenv" )
server.port = $1
server.bind = "127.0.0.1"
server.document-root = "$2"
server.max-read-idle = $3
server.max-write-idle = $3
server.max-keep-alive-idle = $3
server.max-connections = 1024
index-file.names = ( "index.html" )
mimetype.assign = (
    ".html" => "text/html; charset=utf-8",
    ".css" => "text/css; charset=utf-8", ".js" => "text/javascript; charset=utf-8",
    ".txt" => "text/plain; charset=utf-8", ".svg" => "image/svg+xml", "" => "application/octet-stream",
)
setenv.add-response-header = ( "X-Content-Type-Options" => "nosniff" )
server.follow-symlink = "disable"
server.max-request-field-size = 16384
server.range-requests = "disable"
static-file.disable-pathinfo = "enable"
END
exec lighttpd -D -f "$conf"
