//! nginx, to compare with: one worker, `sendfile`, no access log, and otherwise its defaults.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use load::Stop;

/// Whether nginx is installed, and which.
pub fn version() -> Option<String> {
    let output = Command::new("nginx").arg("-v").output().ok()?;
    let said = String::from_utf8(output.stderr).ok()?;
    Some(said.trim().rsplit_once('/')?.1.to_owned())
}

/// Becomes nginx, with all its files in this folder. Returns only if that fails.
pub fn become_nginx(port: u16, root: &Path, folder: &Path, connections: u32) -> Stop {
    let configuration = folder.join(format!("nginx-{port}.conf"));
    if let Err(error) = fs::write(&configuration, configured(port, root, folder, connections)) {
        return Stop::to("write the configuration of nginx")(error);
    }
    let error: io::Error =
        Command::new("nginx").arg("-p").arg(folder).arg("-e").arg("stderr").arg("-c").arg(&configuration).exec();
    Stop::to("start nginx")(error)
}

fn configured(port: u16, root: &Path, folder: &Path, connections: u32) -> String {
    let (root, folder) = (root.display(), folder.display());
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("  {name}_temp_path \"{folder}/{name}\";\n"))
        .concat();
    format!(
        "daemon off;\nworker_processes 1;\npid \"{folder}/nginx-{port}.pid\";\nevents {{ worker_connections {connections}; }}\n\
         http {{\n{places}  sendfile on;\n  access_log off;\n  server {{\n    listen 127.0.0.1:{port};\n    root \"{root}\";\n  }}\n}}\n"
    )
}
