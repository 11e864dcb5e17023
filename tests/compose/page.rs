//! What docs/docker.md says of docker-compose.yml.

use crate::file::{compose, compose_with, is_core, memory_mib, read, services, texts, variables};

#[test]
fn the_page_says_how_much_memory_each_command_may_take() {
    let page = read("docs/docker.md");
    let rows = page.lines().filter(|line| line.starts_with("| `docker compose "));
    let rows: Vec<(&str, &str)> = rows.filter_map(command_and_memory).collect();
    assert!(rows.len() >= 7, "{rows:?}");
    for (command, said) in rows {
        let tenths = (limits_mib(command) * 10 + 512) / 1024;
        assert_eq!(said, format!("{}.{} GiB", tenths / 10, tenths % 10), "{command}");
    }
}

/// The first and the last cell of a row of a table.
fn command_and_memory(row: &str) -> Option<(&str, &str)> {
    Some((row.split('`').nth(1)?, row.strip_suffix(" |")?.rsplit("| ").next()?))
}

/// Limits of all that a command starts, together.
fn limits_mib(command: &str) -> u64 {
    let words: Vec<&str> = command.split(' ').collect();
    let after = |option: &str| words.windows(2).find(|pair| pair[0] == option).map(|pair| pair[1]);
    let env_file = after("--env-file");
    let compose = env_file.map_or_else(compose, compose_with);
    let mut profiles: Vec<String> = after("--profile").map(str::to_owned).into_iter().collect();
    profiles.extend(env_file.and_then(|file| variables(file).remove("COMPOSE_PROFILES")));
    let errand = words.contains(&"run");
    services(&compose)
        .filter(|(name, service)| {
            let of_a_profile =
                texts(&service["profiles"]).iter().any(|one| profiles.iter().any(|p| p == one));
            if errand { words.last() == Some(name) } else { is_core(service) || of_a_profile }
        })
        .map(|(_, service)| memory_mib(service))
        .sum()
}
