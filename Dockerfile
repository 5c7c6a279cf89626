# syntax=docker/dockerfile:1
# For graders: the suite, and the languages that submissions are written in.
#
#   docker build --tag grade .                                            Python, Node.js and C
#   docker build --tag grade --build-arg BASE=rust:1-slim-bookworm .      and Rust
#   docker run --rm --volume "$PWD:/class" grade submissions --stage 04 --csv grades.csv
#
#   docker build --tag check --target check .                             `check` alone, and nothing else
#   docker run --rm --volume /tmp/suite:/tmp/suite check --make-site /tmp/suite
#   docker run --rm --volume /tmp/suite:/tmp/suite --network host check 127.0.0.1:8080 --stage 04
ARG BASE=debian:bookworm-slim

FROM rust:1-slim-bookworm AS build
WORKDIR /course
COPY . .
RUN classroom/dist /dist

# The cases, to be run on a server outside of it.
FROM scratch AS check
COPY --from=build /dist/check /check
# Where the files of the cases are made.
WORKDIR /tmp
ENTRYPOINT ["/check"]

FROM ${BASE} AS grade
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev make nodejs python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /dist/check /dist/grade /usr/local/bin/
WORKDIR /class
ENTRYPOINT ["grade"]
CMD ["--help"]
