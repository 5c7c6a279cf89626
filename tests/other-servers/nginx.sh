#!/bin/sh
# nginx.sh PORT ROOT SECONDS
# By default it also follows links out of the root, says 200 to a date later than that of the file, sends each of a
# thousand ranges, and gives no charset for style sheets.
folder=$(mktemp -d)
cat > "$folder/nginx.conf" <<END
daemon off;
master_process off;
pid $folder/pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy; fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
    client_header_timeout $3; client_body_timeout $3; send_timeout $3; keepalive_timeout $3;
    charset utf-8;
    charset_types text/plain text/css application/javascript;
    add_header X-Content-Type-Options nosniff always;
    disable_symlinks on from=$2;
    if_modified_since before;
    ignore_invalid_headers off;
    max_ranges 0;
    server { listen 127.0.0.1:$1 backlog=1024; root $2; }
}
END
exec nginx -p "$folder" -e stderr -c "$folder/nginx.conf"
