# syntax=docker/dockerfile:1

# One image for everything that Hailstorm is: services, load generator, topics, audit. What a container does is its
# argument. Nothing here knows a processor: `docker buildx build --platform linux/amd64,linux/arm64` builds both.

# The compiler, of the version in rust-toolchain.toml; it brings what the Kafka client is built with (gcc, g++, make).
FROM rust:1.95.0-bookworm AS build
# Writes the list of all crates into the command, where scanners look for it: nothing else in the image tells of them.
RUN --mount=type=cache,id=hailstorm-registry,target=/usr/local/cargo/registry \
    cargo install --locked cargo-auditable@0.7.7
WORKDIR /src
COPY . .
# What was downloaded and built stays in cache mounts: after a change only what it touches is built again. Cargo goes by
# times, and those of a checkout say nothing about what was built here: one that is older than the last build, yet another,
# would not be built at all. So a file is as new as its content is here, and `seen` remembers what that was.
ARG TARGETARCH
RUN --mount=type=cache,id=hailstorm-registry,target=/usr/local/cargo/registry \
    --mount=type=cache,id=hailstorm-target-$TARGETARCH,target=/src/target,sharing=locked \
    find . -path ./target -prune -o -type f -print | while read -r file; do \
        if cmp -s "$file" "target/seen/$file"; then touch --reference="target/seen/$file" "$file"; \
        else touch "$file" && install -D --preserve-timestamps "$file" "target/seen/$file"; fi || exit 1; \
    done \
    && cargo auditable build --profile image --locked --package hailstorm --bin hailstorm \
    && install -D --mode=755 target/image/hailstorm /out/usr/bin/hailstorm \
    && install -D --mode=644 --target-directory=/out/usr/share/doc/hailstorm LICENSE-APACHE LICENSE-MIT

# The C library and certificates; no shell, no package manager, and a user without rights.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Hailstorm" \
    org.opencontainers.image.description="A ride-hailing city on Apache Kafka, Redis and MongoDB" \
    org.opencontainers.image.licenses="MIT OR Apache-2.0" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"
COPY --from=build /out /
# By number, so that whoever runs it can see that it is not root.
USER 65532:65532
# A container has an address of its own, so all of it is listened on; what is reachable from outside is decided there.
ENV GATEWAY_LISTEN=0.0.0.0:8080 \
    HAILSTORM_METRICS_ADDRESS=0.0.0.0:9100
EXPOSE 8080 9100
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s --start-interval=1s CMD ["/usr/bin/hailstorm", "health"]
ENTRYPOINT ["/usr/bin/hailstorm"]
CMD ["--help"]
