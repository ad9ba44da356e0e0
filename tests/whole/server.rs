//! Starts the real program for a test, talks to it, and sees that its log is clean when it ends.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_silver-atlas");

/// A folder under target/ that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder under target/");
        Folder(path)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file in the test's folder");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server.
pub struct Server {
    pub url: String,
    pub token: Option<String>,
    /// The lines that its start printed.
    pub said: Vec<String>,
    child: Child,
    log: Arc<Mutex<String>>,
    agent: ureq::Agent,
    /// Warnings that the test itself provokes.
    forgiven: Vec<&'static str>,
}

/// One answer.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The program with its arguments, on a free port and with an environment of its own.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["DATABASE_URL", "SILVER_ATLAS_DATA_DIR", "SILVER_ATLAS_LISTEN"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command of the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program runs")
}

impl Server {
    /// Starts on a free port; `place` is `--data-dir DIR` or `--database-url URL`.
    pub fn start(place: [&str; 2], more: &[&str]) -> Server {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], place.as_slice(), more].concat();
        let mut child =
            program(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let log = Arc::new(Mutex::new(String::new()));
        let errors = child.stderr.take().expect("piped");
        let kept = log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                let mut log = kept.lock().expect("the log");
                log.push_str(&line);
                log.push('\n');
            }
        });
        let (mut token, mut said) = (None, Vec::new());
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let url = loop {
            let Some(Ok(line)) = lines.next() else {
                std::thread::sleep(Duration::from_millis(200));
                panic!("the server did not start:\n{}", log.lock().expect("the log"));
            };
            if let Some(text) = line.strip_prefix("operator's token, shown this once: ") {
                token = Some(text.to_owned());
            }
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
            said.push(line);
        };
        std::thread::spawn(move || lines.for_each(drop));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        Server { url, token, said, child, log, agent, forgiven: Vec::new() }
    }

    /// Warnings with these words in them are what the test is about.
    pub fn forgive(&mut self, words: &[&'static str]) {
        self.forgiven.extend(words);
    }

    pub fn get(&self, address: &str) -> Answer {
        self.get_with(address, &[])
    }

    pub fn get_with(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.get(format!("{}{}", self.url, escaped(address)));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call())
    }

    /// A PATCH with the operator's token where `headers` name no other.
    pub fn patch(&self, address: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = self.agent.patch(format!("{}{address}", self.url));
        let named = |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if let (false, Some(token)) = (named("authorization"), &self.token) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !named("content-type") {
            request = request.header("content-type", "application/merge-patch+json");
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        answer(request.send(body))
    }

    /// A request by any method, with these headers and no others, that follows no redirect; `None` where the server is not there.
    pub fn try_send(&self, method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{}", self.url, escaped(address)));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = if matches!(method, "GET" | "DELETE") {
            let request = self.agent.configure_request(request.body(()).expect("a request"));
            self.agent.run(request.max_redirects(0).max_redirects_will_error(false).build())
        } else {
            let form =
                if address.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
            let request = request.header("content-type", form);
            let request = self.agent.configure_request(request.body(body.to_owned()).expect("a request"));
            self.agent.run(request.max_redirects(0).max_redirects_will_error(false).build())
        };
        sent.is_ok().then(|| answer(sent))
    }

    /// The same of a server that is there.
    pub fn send(&self, method: &str, address: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_send(method, address, headers, body).expect("an answer")
    }

    /// Waits until something holds.
    pub fn until(&self, patience: Duration, what: &str, holds: impl Fn(&Server) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            assert!(began.elapsed() < patience, "{what}: not within {patience:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Kilobytes of memory that the process holds now.
    pub fn memory_kb(&self) -> u64 {
        self.status_kb("VmRSS:")
    }

    /// The most that it has held since this was last asked, or since its start.
    pub fn peak_kb(&self) -> u64 {
        let peak = self.status_kb("VmHWM:");
        std::fs::write(format!("/proc/{}/clear_refs", self.process()), "5").expect("the peak begins anew");
        peak
    }

    fn status_kb(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).expect("its status");
        let told = status.lines().find_map(|told| told.strip_prefix(line)).expect("a line of memory");
        told.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and a clean log.
    pub fn stop(mut self) {
        signal(self.child.id(), "TERM");
        let began = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(began.elapsed() < Duration::from_secs(30), "the server does not stop:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(self.child.wait().expect("a child").code(), Some(0), "{}", self.log());
        let log = self.log();
        let dirty: Vec<&str> = log
            .lines()
            .filter(|line| [" WARN", " ERROR", "panicked"].iter().any(|word| line.contains(word)))
            .filter(|line| !self.forgiven.iter().any(|words| line.contains(words)))
            .collect();
        assert!(dirty.is_empty(), "the log is not clean:\n{}", dirty.join("\n"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "kill -{name} {process}");
}

/// Chinese words in an address, as a browser sends them.
fn escaped(address: &str) -> String {
    let escape = |byte: u8| if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    address.bytes().map(escape).collect()
}

fn answer(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let response = result.expect("an answer");
    let (parts, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    body.as_reader().read_to_end(&mut bytes).expect("a body");
    // A workbook is no text; what is looked at of it is its first letters.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: parts.status.as_u16(), headers: parts.headers, text }
}
