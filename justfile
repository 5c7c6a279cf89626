# Every command of this project. `just` alone lists them.

set positional-arguments

manifest := quote(justfile_directory() / "Cargo.toml")

[private]
default:
    @case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in zh*) chosen=zh ;; *) chosen=english ;; esac; exec {{ quote(just_executable()) }} --justfile {{ quote(justfile()) }} "$chosen"

[private]
english:
    @exec {{ quote(just_executable()) }} --justfile {{ quote(justfile()) }} --list --unsorted --list-heading {{ quote("just COMMAND, from any folder here:\n") }}

# A shell in which all that the book tells you to type works: bash, with the lessons on its path
[group('lessons')]
[no-exit-message]
[no-cd]
shell *OPTIONS: build
    @exec {{ quote(justfile_directory() / "docs/shell") }} "$@"

# The lessons as they are typed in that shell: again, after you have changed one
[group('lessons')]
[no-exit-message]
[no-cd]
build:
    @cargo build --manifest-path {{ manifest }} --bin 'lesson-*' --example 'watch-*'

# One client after another gets the same page
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-01 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-01 -- "$@"

# One client after another gets the file it asks for
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-02 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-02 -- "$@"

# A process for each client
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-03 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-03 -- "$@"

# A thread for each client
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-04 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-04 -- "$@"

# One thread goes over a list of clients
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-05 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-05 -- "$@"

# The same, and a connection serves many requests
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-06 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-06 -- "$@"

# The same, and the kernel says which client can go on
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-07 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-07 -- "$@"

# A coroutine for each client
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-08 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-08 -- "$@"

# A loop as in lesson 07 on every core
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-09 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-09 -- "$@"

# A task for each client, and the compiler writes its states
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-10 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-10 -- "$@"

# The kernel does the work, and says when it is done
[group('lessons')]
[no-exit-message]
[no-cd]
lesson-11 *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --bin lesson-11 -- "$@"

# Build the servers yourself, one failing case at a time: just learn, just learn 01 --language python
[group('learning')]
[no-exit-message]
[no-cd]
learn *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package tutor --bin learn -- "$@"

# What do you expect? The questions of a chapter, your answers, and then the measurement: just predict 07
[group('learning')]
[no-exit-message]
[no-cd]
predict *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package tutor --bin predict -- "$@"

# A server with a defect, told as an incident: find out which. By single commands too: just sick start, hint, answer b, stop
[group('learning')]
[no-exit-message]
[no-cd]
sick *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package tutor --bin sick -- "$@"

# Lesson 05 without HTTP: who is asked, and what each says, round by round
[group('demonstrations')]
[no-exit-message]
[no-cd]
watch-the-list *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --example watch-the-list -- "$@"

# Lesson 07 without HTTP: what the kernel tells, and when: just watch-epoll --edge
[group('demonstrations')]
[no-exit-message]
[no-cd]
watch-epoll *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --example watch-epoll -- "$@"

# Lesson 09 without HTTP: a slow file, read by the loop or by a pool of threads: just watch-the-pool --pool 0
[group('demonstrations')]
[no-exit-message]
[no-cd]
watch-the-pool *OPTIONS:
    @exec cargo run --manifest-path {{ manifest }} --example watch-the-pool -- "$@"

# Lessons 05 and 10: how much each remembers of one client
[group('demonstrations')]
[no-exit-message]
[no-cd]
sizes:
    @exec cargo run --quiet --manifest-path {{ manifest }} --example sizes

# What a lesson changes, step by step: just diff 07, just diff 07 3, just diff 07 --whole
[group('steps')]
[no-exit-message]
[no-cd]
diff *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package tutor --bin steps -- show "$@"

# A step to be built and run, whether all hold, a change taken back: just steps --help
[group('steps')]
[no-exit-message]
[no-cd]
steps *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package tutor --bin steps -- "$@"

# What `just learn` climbs: solutions of lessons 01 and 02 as folders, and back as patches: just ladder make 01 python FOLDER
[group('steps')]
[no-exit-message]
[no-cd]
ladder *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package tutor --bin learn -- ladder "$@"

# All tests, or the suite on one lesson: just test, just test 02, just test 02 dot
[group('suite')]
[no-exit-message]
test LESSON='' *OPTIONS:
    #!/usr/bin/env bash
    set -euo pipefail
    if [[ -z "$1" ]]; then exec cargo test --workspace; fi
    exec cargo test --package "lesson-$1-*" --test http -- "${@:2}"

# The suite on any server: just check 127.0.0.1:8080, just check -- python3 server.py {port} {root}
[group('suite')]
[no-exit-message]
[no-cd]
check *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --bin check -- "$@"

# Which lesson passes which case
[group('suite')]
[no-exit-message]
[no-cd]
table *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --bin check -- --table "$@"

# The suite on nginx, lighttpd, busybox, Python and Node, which have to be installed: writes tests/OTHER-SERVERS.md
[group('suite')]
[no-exit-message]
other-servers:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --quiet --release --package http-suite --bin check
    tests/other-servers/run "$PWD/target/release/check" > target/OTHER-SERVERS.md
    mv target/OTHER-SERVERS.md tests/OTHER-SERVERS.md

# The files that the suite asks for, to be served: just site /tmp/suite
[group('suite')]
[no-exit-message]
[no-cd]
site FOLDER:
    @exec cargo run --quiet --manifest-path {{ manifest }} --bin check -- --make-site "$@"

# The suite on one lesson again and again, on a busy machine, up to the first failure
[group('suite')]
[no-exit-message]
stress LESSON TIMES='100':
    #!/usr/bin/env bash
    set -euo pipefail
    suite=(--package "lesson-$1-*" --test http)
    cargo test "${suite[@]}" --no-run
    busy=()
    trap 'kill "${busy[@]}" 2>/dev/null' EXIT
    for (( core = 0; core < 2; core++ )); do
        while :; do :; done & busy+=($!)
    done
    for (( time = 1; time <= $2; time++ )); do
        if ! said=$(cargo test --quiet "${suite[@]}" 2>&1 </dev/null); then
            echo "$said"
            echo "just stress: run $time of $2 failed" >&2
            exit 1
        fi
        echo "run $time of $2: $(grep '^test result' <<<"$said")"
    done

# A million requests to a lesson, among clients that fail: just soak 07, just soak -- python3 server.py {port} {root}
[group('suite')]
[no-exit-message]
[no-cd]
soak *OPTIONS: (build-for-measuring "http-suite" "soak")
    @exec cargo run --quiet --manifest-path {{ manifest }} --bin soak -- "$@"

# A class of submissions, in any language, graded: just grade submissions/ --stage 04 --csv grades.csv
[group('classroom')]
[no-exit-message]
[no-cd]
grade *OPTIONS:
    @cargo build --quiet --manifest-path {{ manifest }} --package http-suite --bin check --package grade --bin grade
    @exec "${CARGO_TARGET_DIR:-$(dirname {{ manifest }})/target}/debug/grade" "$@"

# The suite as programs that need neither Rust nor this repository, into dist/: check and grade
[group('classroom')]
[no-exit-message]
[no-cd]
dist *FOLDER:
    @exec {{ quote(justfile_directory() / "classroom/dist") }} "$@"

# A repository for students, with a starter and grades by GitHub Actions: just template FOLDER --language python --lesson 01
[group('classroom')]
[no-exit-message]
[no-cd]
template *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package tutor --bin template -- "$@"

# The steps of a lesson for a projector, as one page: just present 07, just present 07 --lang zh --open
[group('classroom')]
[no-exit-message]
[no-cd]
present *OPTIONS:
    @exec cargo run --quiet --manifest-path {{ manifest }} --package book --features builder -- present "$@"

# All lessons measured side by side, with a report to read: just lab --quick, just lab 04 07
[group('lab')]
[no-exit-message]
[no-cd]
lab *OPTIONS: (build-for-measuring "lab" "lab")
    @exec cargo run --quiet --manifest-path {{ manifest }} --package lab -- lab "$@"

# The measurements that the books show, anew: takes some minutes, on a machine that does nothing else
[group('lab')]
[no-exit-message]
measurements: lab
    @cp target/lab/lab.json docs/measurements.json

# One request, system call by system call: just trace 07, just trace 127.0.0.1:8080; a process: just trace PID
[group('lab')]
[no-exit-message]
[no-cd]
trace *OPTIONS: (build-for-measuring "lab" "lab")
    @exec cargo run --quiet --manifest-path {{ manifest }} --package lab -- trace "$@"

# Each lesson in figures: its lines, what it changes, what it takes, what it cannot do
[group('lab')]
[no-exit-message]
[no-cd]
sheet *OPTIONS: (build-for-measuring "lab" "lab")
    @exec cargo run --quiet --manifest-path {{ manifest }} --package lab -- sheet "$@"

# Lessons beside nginx, lighttpd and a bare epoll loop: just bench, just bench 07
[group('lab')]
[no-exit-message]
[no-cd]
bench *OPTIONS: (build-for-measuring "lab" "lab")
    @exec cargo run --quiet --manifest-path {{ manifest }} --package lab -- bench "$@"

# The lessons and the floor as they are measured, optimised as far as it goes, and the program that measures them: it
# looks for them in target/release. The first time takes a minute or two, so Cargo says what it does.
[private]
[no-cd]
build-for-measuring PACKAGE PROGRAM:
    @cargo build --release --manifest-path {{ manifest }} --package 'lesson-*' --package load --bins
    @cargo build --manifest-path {{ manifest }} --package {{ PACKAGE }} --bin {{ PROGRAM }}

# Both books, into html/book: the home page of every lesson leads there
[group('book')]
[no-exit-message]
book:
    @cargo run --package book --features builder -- build

# The books, served by one of our own lessons: just read, just read 05 --port 8000
[group('book')]
[no-exit-message]
read LESSON='08' *OPTIONS:
    #!/usr/bin/env bash
    set -euo pipefail
    if [[ $1 != 0[2-9] && $1 != 1[01] ]]; then
        echo "just read: there is no lesson '$1' that serves files; they are 02 to 11" >&2; exit 2
    fi
    cargo run --package book --features builder -- build || echo "just read: the book has gaps, listed above" >&2
    exec cargo run --quiet --bin "lesson-$1" -- --root html/book "${@:2}"

# Each book as one file to print or to carry along, in target/pdf
[group('book')]
[no-exit-message]
pdf: book
    @crates/book/browser/pdf

# Runs the commands that the books show, and keeps what they print: just outputs, just outputs NAME
[group('book')]
[no-exit-message]
outputs *NAMES:
    @cargo run --quiet --package book --features builder -- outputs "$@"

# Takes down that both languages agree, of a chapter or the suite's cases: just agree lesson-02 --looked-at zh, just agree cases
[group('book')]
[no-exit-message]
agree CHAPTER *OPTIONS:
    @cargo run --quiet --package book --features builder -- agree "$@"

# Comments in the code of the books that have no Chinese yet, as docs/comments.zh.toml is to have them
[group('book')]
[no-exit-message]
comments:
    @cargo run --quiet --package book --features builder -- comments

# Home page and books on every lesson, in a real browser, with pictures of them in target/browser
[group('book')]
[no-exit-message]
browser: book
    @crates/book/browser/run

# All code in the style of rustfmt
[group('project')]
fmt:
    cargo fmt --all

# What the compiler and clippy have to say
[group('project')]
lint:
    cargo clippy --workspace --all-targets -- --deny warnings

# The table in README.md and README.zh.md, from the suite
[group('project')]
readme:
    README=write cargo test --quiet --package http-suite --test readme

# This list in Chinese; `just` alone shows it where the locale is Chinese
[group('project')]
zh:
    @awk -F '\t' 'BEGIN { print "just 命令，在这里的任何目录都能用：" } NF == 2 { printf "\n    [%s]\n", $2 } NF == 3 { printf "    %-25s # %s\n", $1, $3 }' docs/just.zh.tsv

# Everything that has to be right before a change goes in
[group('project')]
ci:
    .ci/run
