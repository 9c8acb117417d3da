//! `volttools mock` as a process of its own, told over HTTP what to answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

pub struct MockServer {
    pub port: u16,
    control: String, // host:port
    process: Child,
}

impl MockServer {
    pub fn start() -> MockServer {
        let command = std::env::var("VOLTTOOLS").unwrap_or("volttools".into());
        let mut words = command.split_whitespace();
        let mut process = Command::new(words.next().unwrap())
            .args(words)
            .args(["mock", "--port", "0", "--json", "--quiet"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("volttools is installed, or VOLTTOOLS says how it is run");
        let mut first = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        let port = between(&first, "\"port\":", ",").parse().unwrap();
        let control = between(&first, "\"control_url\":\"http://", "\"").to_string();
        MockServer { port, control, process }
    }

    /// Answer calls of a procedure, one after the other, the last one again and again.
    pub fn answer(&self, procedure: &str, responses: &[&str]) {
        let all = responses.join(", ");
        self.ask("POST", "/answers", &format!("{{\"procedure\": \"{procedure}\", \"responses\": [{all}]}}"));
    }

    /// The calls of a procedure, as JSON.
    pub fn calls(&self, procedure: &str) -> String {
        self.ask("GET", &format!("/calls?procedure={procedure}"), "").replace(' ', "")
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.control).unwrap();
        let (host, length) = (&self.control, body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 2"), "{response}");
        response
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn between<'a>(line: &'a str, before: &str, after: &str) -> &'a str {
    let rest = line.split_once(before).unwrap_or_else(|| panic!("volttools mock said: {line}")).1;
    rest.split_once(after).unwrap().0
}
