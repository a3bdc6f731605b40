//! rsigma-eval as a library. With ROUTING=1 rules meet events of their log
//! source only.

use rsigma_eval::{event::JsonEvent, Engine, LogSourceExtractor};
use std::path::Path;
use tocsin_peers::{cpu_time, Task};

fn main() {
    let task = Task::from_arguments();
    let routing = std::env::var("ROUTING").is_ok_and(|v| v == "1");

    let begin = cpu_time();
    let collection = rsigma_parser::parse_sigma_directory(Path::new(&task.rules)).expect("rules");
    let mut engine = Engine::new();
    if routing {
        engine.set_logsource_extractor(Some(LogSourceExtractor::default()));
    }
    let _refused = engine.add_rules(&collection.rules);
    let load = cpu_time() - begin;

    let peer = if routing { "rsigma library, routed" } else { "rsigma library" };
    let rules = engine.rule_count();
    task.run(peer, rules, load, |line| {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        engine.evaluate(&JsonEvent::borrow(&value)).len()
    });
}
