//! Readings of a card from the outside: OpenCL on the processor that is shown as a card, and a library of readings that the test
//! sets. Where there is no OpenCL, or no C compiler, these tests are skipped.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use super::cards;
use crate::common::http::{address, get, value};
use crate::common::program::{DEADLINE, NEVER, Place, Run, Running};
use crate::common::wait::wait_for;

/// A place with the two libraries.
struct Card {
    place: Place,
    readings: String,
}

/// A card in order: degrees, MHz, milliwatts, no reason to be slow, MiB.
const FINE: &str = "60 1900 250000 0 400";

fn compile(source: &str, library: &Path, more: &[&str]) -> bool {
    let source = format!("{}/tests/data/{source}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-w", "-o"]).arg(library);
    let made = command.arg(source).args(more).output();
    made.is_ok_and(|output| output.status.success())
}

impl Card {
    fn new() -> Option<Self> {
        let place = cards::place()?;
        let shim = ["-Wl,--no-as-needed", "-l:libOpenCL.so.1", "-ldl"];
        let made = compile("opencl_shim.c", &place.path("libshim.so"), &shim)
            && compile("nvml_stub.c", &place.path("libnvidia-ml.so.1"), &[]);
        if !made {
            eprintln!("skipped: no C compiler, or nothing to link OpenCL with");
            return None;
        }
        let readings = place.write("readings", FINE);
        Some(Self { place, readings })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.place.command(words);
        command
            .env("OPENCL_DYLIB_PATH", self.place.path("libshim.so"))
            // a small table: the processor has to make what a card would
            .env("MEMORY", "4000000")
            // compiled once for all
            .env(
                "POCL_CACHE_DIR",
                concat!(env!("CARGO_TARGET_TMPDIR"), "/pocl"),
            )
            .env("LD_LIBRARY_PATH", self.place.path(""))
            .env("NVML_STUB", &self.readings);
        command
    }

    fn run(&self, words: &[&str]) -> Run {
        self.place.finish(self.command(words))
    }

    /// A search on the card that goes on until it is told to stop.
    fn search(&self, more: &[&str]) -> Running {
        let words = [
            "--prefix",
            NEVER,
            "--workers",
            "1",
            "--device",
            "gpu",
            "--metrics",
            "0",
            "--events",
            "../events",
            "--canary-bits",
            "18",
            "--zombie-share",
            "off",
        ];
        Running::new(self.command(&[&words[..], more].concat()))
    }

    /// Replaces the readings as a whole, so that no call sees half of them.
    fn set(&self, readings: &str) {
        fs::rename(self.place.write("next", readings), &self.readings).unwrap();
    }

    /// Waits for a finding about the card's worker.
    fn wait_for(&self, verdict: &str, step: &str) {
        let wanted = [
            format!("\"verdict\":\"{verdict}\""),
            format!("\"step\":\"{step}\""),
            "\"worker\":2".to_owned(),
        ];
        wait_for(&format!("{verdict} {step}"), || {
            let events = fs::read_to_string(self.place.path("events")).unwrap_or_default();
            let is_it = |line: &str| wanted.iter().all(|part| line.contains(part));
            events.lines().any(is_it).then_some(())
        });
    }
}

#[test]
fn a_hot_card_pauses_and_continues_while_the_processor_searches_on_and_metrics_tell_how_it_is() {
    let Some(card) = Card::new() else { return };
    let mut running = card.search(&["--gpu-pause-above", "80"]);
    running.read_until("Metrics: http://");
    let at = address(running.said());
    let of = |name: &str, labels: &str| {
        let sample = format!("{name}{{worker=\"2\",device=\"gpu:0\"{labels}}} ");
        value(&get(at, "/metrics").body, &sample)
    };
    wait_for("readings", || of("keygen_gpu_temperature_celsius", ""));
    for (name, labels, expected) in [
        ("keygen_gpu_temperature_celsius", "", 60.0),
        ("keygen_gpu_clock_hertz", "", 1.9e9),
        ("keygen_gpu_power_watts", "", 250.0),
        ("keygen_gpu_memory_used_bytes", "", (2_u64 << 30) as f64),
        ("keygen_gpu_memory_bytes", "", (8_u64 << 30) as f64),
        ("keygen_gpu_throttled", ",reason=\"heat\"", 0.0),
    ] {
        assert_eq!(of(name, labels), Some(expected), "{name}");
    }
    card.set("95 1900 250000 4 400");
    card.wait_for("hot", "said");
    card.wait_for("hot", "paused");
    let paused = "keygen_worker_state{worker=\"2\",state=\"paused\"} ";
    wait_for("the pause", || {
        let body = get(at, "/metrics").body;
        let capped = of("keygen_gpu_throttled", ",reason=\"power-cap\"");
        (value(&body, paused) == Some(1.0) && capped == Some(1.0)).then_some(())
    });
    let body = get(at, "/metrics").body;
    assert_eq!(
        value(&body, "keygen_session_state{state=\"running\"} "),
        Some(1.0)
    );
    card.set(FINE);
    card.wait_for("hot", "resumed");
    card.wait_for("hot", "over");
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert_eq!(run.code, Some(143), "{}", run.err);
    assert!(
        run.err.contains("gpu:0 is at 95 °C. Its card is paused."),
        "{}",
        run.err
    );
}

#[test]
fn a_card_that_its_driver_slows_and_one_whose_memory_grows_are_told() {
    let Some(card) = Card::new() else { return };
    let mut running = card.search(&[]);
    running.read_until("Searching for");
    card.set("70 900 150000 64 400");
    card.wait_for("processor-slowed", "said");
    card.set(FINE);
    card.set("60 1900 250000 0 1400");
    card.wait_for("memory-growth", "restarting");
    running.signal(Signal::TERM);
    let run = running.end(DEADLINE);
    assert!(
        run.err.contains("the driver slows gpu:0 (heat)"),
        "{}",
        run.err
    );
    assert!(run.err.contains("memory on gpu:0 has grown"), "{}", run.err);
}

#[test]
fn a_driver_that_does_not_answer_holds_up_nothing() {
    let Some(card) = Card::new() else { return };
    card.set("hang");
    let words = [
        "--prefix",
        "F8",
        "--device",
        "gpu",
        "--gpu-pause-above",
        "80",
    ];
    let run = card.run(&words);
    assert_eq!(run.code, Some(0), "{}", run.err);
}

#[test]
fn the_doctor_tells_how_a_card_is_and_advice_on_power_names_the_command() {
    let Some(card) = Card::new() else { return };
    let run = card.run(&["doctor"]);
    let known = "60 °C, 1900 of 2000 MHz, 250 of 300 W, 2048 of 8192 MiB used";
    assert!(run.out.contains(known), "{}", run.out);
    let run = card.run(&["--prefix", "F8", "--device", "gpu", "--gpu-power", "200"]);
    let command = "nvidia-smi --id=0000:01:00.0 --power-limit=200";
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains(command), "{}", run.err);
}

#[test]
fn a_card_with_too_little_memory_is_refused_with_what_it_needs() {
    let Some(card) = Card::new() else { return };
    let mut command = card.command(&["--prefix", "F8", "--device", "gpu"]);
    command.env("MEMORY", "100000");
    let run = card.place.finish(command);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.contains("and a search needs"), "{}", run.err);
    let run = card.run(&["--prefix", "F8", "--device", "gpu"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
}

#[test]
fn a_session_whose_card_is_gone_says_so_and_all_cards_means_those_that_are_there() {
    let Some(card) = Card::new() else { return };
    let search = |word: &str, cards: &str, more: &[&str]| {
        let words = ["--prefix", NEVER, "--time", "1s", "--workers", "1"];
        let mut command = card.command(&[&words[..], &["--device", word], more].concat());
        command.env("CARDS", cards);
        card.place.finish(command)
    };
    let began = search("gpu:0", "1", &["--session", "night"]);
    assert_eq!(began.code, Some(3), "{}", began.err);
    let mut command = card.command(&["resume", "night", "--time", "2s"]);
    command.env("CARDS", "0");
    let gone = card.place.finish(command);
    assert_eq!(gone.code, Some(2), "{}", gone.err);
    assert!(gone.err.contains("gpu:0"), "{}", gone.err);
    let all = search("all", "0", &[]);
    assert_eq!(all.code, Some(3), "{}", all.err);
    assert!(all.err.contains("No card searches."), "{}", all.err);
}
