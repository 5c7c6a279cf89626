# For the commands of outputs.toml: `. "$ROOT/../docs/outputs.sh"` before them.

# Starts a lesson on $PORT and waits until it listens. What it says of clients goes into the file `log`.
serve() {
    local root=(--root "$ROOT")
    [[ $1 != lesson-01 ]] || root=()
    rm -f said
    "$1" --port "$PORT" "${root[@]}" "${@:2}" >said 2>log &
    server=$!
    printf '\001process %d\n' "$server"
    servers+=("$server")
    wait_until test -s said
}

# Ends the lesson that was started last.
end() {
    kill "$server"
    wait "$server" 2>/dev/null || true
}

# Opens so many connections, on which nothing is said and which stay open.
silent() {
    local connection
    for (( i = 0; i < $1; i++ )); do exec {connection}<>"/dev/tcp/127.0.0.1/$PORT"; done
}

# Sends what printf makes of this on one connection, and prints all that comes back.
ask() {
    printf "$@" | timeout 5 nc -N 127.0.0.1 "$PORT"
}

# Waits until the log has so many lines with this in them.
seen() {
    wait_until logged "$@"
}

logged() {
    (( $(grep -c -e "$2" log) >= $1 ))
}

wait_until() {
    for (( tenths = 0; tenths < 100; tenths++ )); do
        ! "$@" || return 0
        sleep 0.1
    done
    echo "did not come: $*"
    exit 1
}

# What is different each time gets the same name each time: processes, clients and sockets in the order in which they
# appear, dates, versions of tools.
tidy() {
    sed -u -E -e "s/\b$PORT\b/7890/g" \
        -e 's/^((< )?(Date|Last-Modified)): .*GMT/\1: Sat, 21 Nov 2026 09:00:00 GMT/' \
        -e 's,curl/[0-9.]+,curl/8.0.0,' -e 's,\[tcp/[^]]*\],[tcp/*],' -e 's/after [0-9]+ ms/after 0 ms/' \
        -e 's/timed out after [0-9]+ milliseconds/timed out after 1000 milliseconds/' |
    awk '
        function named(kind, id) {
            if (kind == "port" && id == 7890) return id
            if (!((kind, id) in name)) name[kind, id] = first[kind] + count[kind]++
            return name[kind, id]
        }
        BEGIN { first["process"] = 4701; first["port"] = 50001; first["socket"] = 90001 }
        {
            done = ""; rest = $0
            while (match(rest, /process [0-9]+|(127\.0\.0\.1:|client-)[0-9]+|socket:\[[0-9]+/)) {
                word = substr(rest, RSTART, RLENGTH); id = word; sub(/.*[^0-9]/, "", id)
                kind = word ~ /process/ ? "process" : word ~ /socket/ ? "socket" : "port"
                done = done substr(rest, 1, RSTART - 1) substr(word, 1, length(word) - length(id)) named(kind, id)
                rest = substr(rest, RSTART + RLENGTH)
            }
            # The server is named first, and not shown.
            if ($0 !~ /^\001/) { print done rest; fflush() }
        }'
}

# All that is printed goes through `tidy`, which has to see the end of it.
conclude() {
    exec >&- 2>&-
    (( ${#servers[@]} == 0 )) || kill "${servers[@]}"
    wait "$tidy"
}

servers=()
exec > >(tidy) 2>&1
tidy=$!
trap conclude EXIT
