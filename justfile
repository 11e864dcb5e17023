# What CI runs, and the runs one makes most often. Without `just`: copy the line.

# Lists the recipes.
default:
    @just --list

# All checks, as CI runs them.
ci:
    .ci/run

# Formats the code.
fmt:
    cargo fmt --all

# Lints, warnings are errors.
lint:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings

# Builds the documentation of all crates, warnings are errors.
doc:
    RUSTDOCFLAGS='-D warnings' cargo doc --release --no-deps --workspace --document-private-items

# All tests, those on real servers too.
test:
    cargo test --release --workspace

# Who may import whom, and how large files may be.
layers:
    cargo test --release -p hailstorm --test layers

# Tests of one crate, such as `just test-one fare`.
test-one crate:
    cargo test --release -p {{crate}}

# The city in containers: comes up, survives, leaves nothing behind. Builds the image.
test-compose:
    HAILSTORM_TEST_COMPOSE=1 cargo test --release -p backends --test compose

# What alerts fire on, without a server.
test-alerts:
    docker run --rm --volume "$PWD/deploy/prometheus:/etc/prometheus:ro" --workdir /etc/prometheus --entrypoint promtool prom/prometheus:v3.5.0 test rules alerts_test.yml

# Types, tests and build of the pages; web/dist is committed.
pages:
    cd web && npm ci && npm run check && npm run build

# The checked-in contracts of the API and of the topics, and the page of metrics, anew.
contracts:
    UPDATE_CONTRACTS=1 cargo test --release -p gateway --test openapi
    UPDATE_CONTRACTS=1 cargo test --release -p events --test asyncapi
    UPDATE_CONTRACTS=1 cargo test --release -p hailstorm --test metrics

# The city, until Ctrl-C; options are passed on: `just demo --for 2m --members matching=3`.
demo *options:
    cargo run --release -- demo {{options}}

# A short city with its report in report.json.
demo-short:
    cargo run --release -- demo --for 60s --report report.json

# A hundred thousand drivers for ten minutes, with the report in report.json.
load:
    cargo run --release -- load --for 10m --report report.json

# Recorded trips on a real road network: a folder with nodes and edges, a file of trips, a time to begin at.
replay city trips from:
    cargo run --release -- demo --city {{city}} --trips {{trips}} --from {{from}} --speed 60 --drivers 500 --for 10m

# What this machine has and lacks.
doctor:
    cargo run --release -- doctor

# What our way costs beside bare loops; scenarios and options are passed on: `just bench services --quick`.
bench *options:
    cargo run --release -- bench {{options}}
