//! What the drivers share: one pass over a lane, measured, and its report.

use std::time::Duration;

/// CPU time of this process, all threads.
pub fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place to write to.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Arguments of every driver: RULES LANE [PASSES].
pub struct Task {
    pub rules: String,
    pub lines: Vec<String>,
    pub passes: usize,
}

impl Task {
    pub fn from_arguments() -> Task {
        let words: Vec<String> = std::env::args().skip(1).collect();
        assert!(words.len() >= 2, "usage: RULES LANE [PASSES]");
        let text = std::fs::read_to_string(&words[1]).expect("lane");
        Task {
            rules: words[0].clone(),
            lines: text.lines().map(str::to_owned).collect(),
            passes: words.get(2).map_or(1, |w| w.parse().expect("passes")),
        }
    }

    /// Feeds all lines, passes() times; `matches` reads one line, matches it and
    /// says how many rules did. Prints one JSON object.
    pub fn run(&self, peer: &str, rules: usize, load: Duration, mut matches: impl FnMut(&str) -> usize) {
        let mut found = 0;
        let begin = cpu_time();
        for _ in 0..self.passes {
            for line in &self.lines {
                found += matches(line);
            }
        }
        let spent = cpu_time() - begin;
        let events = self.lines.len() * self.passes;
        println!(
            "{}",
            serde_json::json!({
                "peer": peer, "rules": rules, "load_s": load.as_secs_f64(),
                "events": events, "matches": found / self.passes,
                "events_per_second": events as f64 / spent.as_secs_f64(),
            })
        );
    }
}
