//! sigma-rust: each rule is asked about each event.

use std::{fs, path::Path};
use tocsin_peers::{cpu_time, Task};

fn add_rules(folder: &Path, rules: &mut Vec<sigma_rust::Rule>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            add_rules(&path, rules);
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
            let text = fs::read_to_string(&path).expect("rule");
            rules.extend(sigma_rust::rule_from_yaml(&text));
        }
    }
}

fn main() {
    let task = Task::from_arguments();
    let begin = cpu_time();
    let mut rules = Vec::new();
    add_rules(Path::new(&task.rules), &mut rules);
    let load = cpu_time() - begin;
    task.run("sigma-rust", rules.len(), load, |line| {
        let event = sigma_rust::event_from_json(line).expect("JSON");
        rules.iter().filter(|rule| rule.is_match(&event)).count()
    });
}
